// Names for the form fields of Datasette's pages that have none, in the language of the page.
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
nameFields();
new MutationObserver(nameFields).observe(document.body, { childList: true, subtree: true });
