// Names of countries, regions and provinces. Country names come from the browser's own tables; the few that a Chinese
// audience requires otherwise are set here.

type Locale = "zh" | "en";

const OVERRIDES: Record<string, [zh: string, en: string]> = {
  TW: ["中国台湾", "Taiwan, China"],
  HK: ["中国香港", "Hong Kong, China"],
  MO: ["中国澳门", "Macao, China"],
  CN: ["中国", "China"],
  AE: ["阿联酋", "UAE"],
  GB: ["英国", "United Kingdom"],
  unknown: ["未知", "Unknown"],
};

const TABLES: Record<Locale, Intl.DisplayNames> = {
  zh: new Intl.DisplayNames("zh-CN", { type: "region", fallback: "code" }),
  en: new Intl.DisplayNames("en", { type: "region", fallback: "code" }),
};

/** Display name of an ISO 3166-1 alpha-2 code, or the code itself. */
export function countryName(code: string, locale: Locale): string {
  const override = OVERRIDES[code];
  if (override) return override[locale === "zh" ? 0 : 1];
  try {
    return TABLES[locale].of(code) ?? code;
  } catch {
    return code; // not a region code at all
  }
}

/** GB/T 2260 first level: code, Chinese, English. */
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
  const row = PROVINCES[code] ?? OVERRIDES[code];
  return row ? row[locale === "zh" ? 0 : 1] : code;
}
