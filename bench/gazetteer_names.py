"""Short forms of the names of divisions: 鞍山 for 鞍山市, 延边 and 延边州 for 延边朝鲜族自治州."""

from __future__ import annotations

import re

PEOPLES = (
    "各族", "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依",
    "朝鲜", "满", "侗", "瑶", "白", "土家", "哈尼", "哈萨克", "傣",
    "黎", "傈僳", "佤", "畲", "高山", "拉祜", "水", "东乡", "纳西",
    "景颇", "柯尔克孜", "土", "达斡尔", "仫佬", "羌", "布朗", "撒拉", "毛南",
    "毛难", "仡佬", "锡伯", "阿昌", "普米", "塔吉克", "怒", "乌孜别克", "俄罗斯",
    "鄂温克", "崩龙", "德昂", "保安", "裕固", "京", "独龙", "鄂伦春", "赫哲",
    "门巴", "珞巴", "基诺",
)  # fmt: skip
"""The names of the peoples as autonomous divisions bear them."""

_BARE = ("蒙古", "维吾尔", "哈萨克", "柯尔克孜", "塔吉克", "锡伯")
"""Names that also stand without 族: 巴音郭楞蒙古自治州, 察布查尔锡伯自治县."""

_PEOPLE = "|".join(
    sorted([p if p == "各族" else f"{p}族" for p in PEOPLES] + list(_BARE), key=len, reverse=True)
)
_PEOPLE_AT_END = re.compile(rf"(?:{_PEOPLE})$")
_AUTONOMOUS = re.compile(r"(?P<stem>.+?)自治(?P<kind>区|州|县|旗)$")
_SUFFIX = {
    "province": re.compile(r"(?:省|市|特别行政区)$"),
    "prefecture": re.compile(r"(?:地区|市|盟|行政区)$"),
    "county": re.compile(r"(?:特区|林区|新区|自治县|县|市|区|旗|行政委员会|办事处|工农区|镇)$"),
}
GENERIC = frozenset(f"{where}{what}" for where in "市城" for what in "中东西南北郊") | {
    "东市",
    "西市",
    "中市",
    "北市",
    "南市",
    "井陉矿",
    "峰峰矿",
    "鹰手营子矿",
}
"""What is left of 市中区 and its like is no name."""

CUSTOMARY = {
    "内蒙古自治区": ("内蒙古", "内蒙"),
    "前郭尔罗斯蒙古族自治县": ("前郭", "前郭县"),
    "喀喇沁左翼蒙古族自治县": ("喀左", "喀左县"),
    "阜新蒙古族自治县": ("阜蒙县", "阜新县"),
    "杜尔伯特蒙古族自治县": ("杜蒙", "杜蒙县"),
    "科尔沁左翼中旗": ("科左中旗",),
    "科尔沁左翼后旗": ("科左后旗",),
    "科尔沁右翼前旗": ("科右前旗",),
    "科尔沁右翼中旗": ("科右中旗",),
    "东乌珠穆沁旗": ("东乌旗",),
    "西乌珠穆沁旗": ("西乌旗",),
    "莫力达瓦达斡尔族自治旗": ("莫旗",),
    "达尔罕茂明安联合旗": ("达茂旗",),
    "察哈尔右翼前旗": ("察右前旗",),
    "察哈尔右翼中旗": ("察右中旗",),
    "察哈尔右翼后旗": ("察右后旗",),
    "巴音郭楞蒙古自治州": ("巴州",),
    "博尔塔拉蒙古自治州": ("博州",),
    "昌吉回族自治州": ("昌吉州",),
    "伊犁哈萨克自治州": ("伊犁州",),
    "克孜勒苏柯尔克孜自治州": ("克州",),
    "阿坝藏族羌族自治州": ("阿坝州",),
    "塔什库尔干塔吉克自治县": ("塔县",),
    "察布查尔锡伯自治县": ("察县",),
    "和布克赛尔蒙古自治县": ("和丰县",),
    "阿克塞哈萨克族自治县": ("阿克塞",),
    "积石山保安族东乡族撒拉族自治县": ("积石山县",),
}
"""Short forms that follow no pattern but are in daily use."""


def short_forms(name: str, level: str) -> tuple[str, ...]:
    """The short forms of `name`, likeliest first; none shorter than two characters."""
    autonomous = _AUTONOMOUS.fullmatch(name)
    found = list(_without_people(autonomous)) if autonomous else _without_suffix(name, level)
    forms = dict.fromkeys([*CUSTOMARY.get(name, ()), *found])
    return tuple(form for form in forms if len(form) > 1 and form not in (name, *GENERIC))


def _without_people(name: re.Match[str]) -> tuple[str, ...]:
    stem, kind = name["stem"], name["kind"]
    while (shorter := _PEOPLE_AT_END.sub("", stem)) not in ("", stem):
        stem = shorter
    stem = stem.removesuffix("族") if len(stem) > 2 else stem
    return (stem,) if kind == "区" else (stem, stem + kind)


def _without_suffix(name: str, level: str) -> list[str]:
    suffix = _SUFFIX.get(level)
    return [suffix.sub("", name)] if suffix else []
