// What a screen reader misses in Datasette's pages: names of form fields, in the language of the page,
// and the order of headings.
const NAMES = {
  "select[name^=_filter_column]": ["列", "column"],
  "select[name^=_filter_op]": ["比较", "comparison"],
  "input[name^=_filter_value]": ["值", "value"],
  "select[name=_sort], select[name=_sort_by]": ["排序", "sort by"],
  "textarea[name=sql]": ["SQL", "SQL"],
};
const language = document.documentElement.lang === "en" ? 1 : 0;
const nameFields = () => {
  for (const [fields, names] of Object.entries(NAMES)) {
    for (const field of document.querySelectorAll(fields)) {
      if (!field.labels || !field.labels.length) field.setAttribute("aria-label", names[language]);
    }
  }
};
// Datasette's headings go from the first level to the third; to a reader they are of the second.
const levelHeadings = () => {
  if (document.querySelector("main h2")) return;
  for (const heading of document.querySelectorAll("main h3")) heading.setAttribute("aria-level", 2);
};
const mend = () => { nameFields(); levelHeadings(); };
mend();
new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
