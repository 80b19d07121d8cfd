// Names of countries, regions and provinces. Country names come from the browser's own tables; the few that a Chinese
// audience requires otherwise are set here.

import { type Locale, TAGS } from "./i18n";

const OVERRIDES: Record<string, Partial<Record<Locale, string>>> = {
  TW: { zh: "中国台湾", en: "Taiwan, China", es: "Taiwán, China", it: "Taiwan, Cina", tr: "Tayvan, Çin", ru: "Тайвань, Китай" },
  HK: { zh: "中国香港", en: "Hong Kong, China", es: "Hong Kong, China", it: "Hong Kong, Cina", tr: "Hong Kong, Çin", ru: "Гонконг, Китай" },
  MO: { zh: "中国澳门", en: "Macao, China", es: "Macao, China", it: "Macao, Cina", tr: "Makao, Çin", ru: "Макао, Китай" },
  CN: { zh: "中国", en: "China" },
  AE: { zh: "阿联酋", en: "UAE" },
  GB: { zh: "英国", en: "United Kingdom" },
  unknown: { zh: "未知", en: "Unknown", es: "Desconocido", it: "Sconosciuto", tr: "Bilinmiyor", ru: "Неизвестно" },
};

/** Made when first asked for: a page needs one or two. */
const tables = new Map<Locale, Intl.DisplayNames>();

function tableOf(locale: Locale): Intl.DisplayNames {
  const table = tables.get(locale) ?? new Intl.DisplayNames(TAGS[locale], { type: "region", fallback: "code" });
  tables.set(locale, table);
  return table;
}

/** Display name of an ISO 3166-1 alpha-2 code, or the code itself. */
export function countryName(code: string, locale: Locale): string {
  const override = OVERRIDES[code]?.[locale];
  if (override) return override;
  try {
    return tableOf(locale).of(code) ?? code;
  } catch {
    return code; // not a region code at all
  }
}

/** GB/T 2260 first level: code, Chinese, and pinyin for every other language. */
const PROVINCES: Record<string, [zh: string, en: string]> = {
  "110000": ["北京", "Beijing"],
  "120000": ["天津", "Tianjin"],
  "130000": ["河北", "Hebei"],
  "140000": ["山西", "Shanxi"],
  "150000": ["内蒙古", "Inner Mongolia"],
  "210000": ["辽宁", "Liaoning"],
  "220000": ["吉林", "Jilin"],
  "230000": ["黑龙江", "Heilongjiang"],
  "310000": ["上海", "Shanghai"],
  "320000": ["江苏", "Jiangsu"],
  "330000": ["浙江", "Zhejiang"],
  "340000": ["安徽", "Anhui"],
  "350000": ["福建", "Fujian"],
  "360000": ["江西", "Jiangxi"],
  "370000": ["山东", "Shandong"],
  "410000": ["河南", "Henan"],
  "420000": ["湖北", "Hubei"],
  "430000": ["湖南", "Hunan"],
  "440000": ["广东", "Guangdong"],
  "450000": ["广西", "Guangxi"],
  "460000": ["海南", "Hainan"],
  "500000": ["重庆", "Chongqing"],
  "510000": ["四川", "Sichuan"],
  "520000": ["贵州", "Guizhou"],
  "530000": ["云南", "Yunnan"],
  "540000": ["西藏", "Tibet"],
  "610000": ["陕西", "Shaanxi"],
  "620000": ["甘肃", "Gansu"],
  "630000": ["青海", "Qinghai"],
  "640000": ["宁夏", "Ningxia"],
  "650000": ["新疆", "Xinjiang"],
  "710000": ["台湾", "Taiwan"],
  "810000": ["香港", "Hong Kong"],
  "820000": ["澳门", "Macao"],
};

/** Name of a province code; an unknown one shows as it is. */
export function provinceName(code: string, locale: Locale): string {
  const row = PROVINCES[code];
  return row ? row[locale === "zh" ? 0 : 1] : (OVERRIDES[code]?.[locale] ?? code);
}
