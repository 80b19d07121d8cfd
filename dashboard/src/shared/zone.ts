// Times in the festival's zone, whatever the zone of the machine that shows them.
import { signal } from "@preact/signals";
import { type Locale, TAGS } from "./i18n";

/** Names of the zone of a festival in the languages that have neither Chinese nor English. */
const BEIJING: Partial<Record<Locale, string>> = { es: "Hora de Pekín", it: "Ora di Pechino", tr: "Pekin saati", ru: "Пекинское время" };

const NAMES: Record<string, [zh: string, en: string]> = {
  "Asia/Shanghai": ["北京时间", "Beijing time"],
  "Asia/Hong_Kong": ["香港时间", "Hong Kong time"],
  "Asia/Singapore": ["新加坡时间", "Singapore time"],
  UTC: ["世界协调时", "UTC"],
};

/** Formats moments (Unix ms) in one IANA zone. Formatters are built once: making one costs more than using it. */
export class Zone {
  readonly zh: string;
  readonly en: string;
  private readonly clockFormat: Intl.DateTimeFormat;
  private readonly zhDate: Intl.DateTimeFormat;
  private readonly enDate: Intl.DateTimeFormat;
  private readonly parts: Intl.DateTimeFormat;

  constructor(readonly timeZone: string) {
    [this.zh, this.en] = NAMES[timeZone] ?? [timeZone, timeZone];
    this.clockFormat = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
    this.zhDate = new Intl.DateTimeFormat("zh-CN", { timeZone, month: "long", day: "numeric" });
    this.enDate = new Intl.DateTimeFormat("en-GB", { timeZone, month: "short", day: "numeric" });
    this.parts = new Intl.DateTimeFormat("en-GB", { timeZone, year: "numeric", month: "2-digit", day: "2-digit", timeZoneName: "longOffset" });
  }

  /** 14:22:14 */
  clock(ms: number): string {
    return this.clockFormat.format(ms);
  }

  /** 14:22 */
  minute(ms: number): string {
    return this.clock(ms).slice(0, 5);
  }

  /** 11月11日 */
  dateZh(ms: number): string {
    return this.zhDate.format(ms);
  }

  /** 11 Nov */
  dateEn(ms: number): string {
    return this.enDate.format(ms);
  }

  /** The zone's own name in a language. */
  name(locale: Locale): string {
    return locale === "zh" ? this.zh : (this.timeZone === "Asia/Shanghai" ? BEIJING[locale] : undefined) ?? this.en;
  }

  /** Day and month in a language: 11月11日, 11 Nov, 11 nov. */
  date(ms: number, locale: Locale): string {
    if (locale === "zh" || locale === "en") return locale === "zh" ? this.dateZh(ms) : this.dateEn(ms);
    return new Intl.DateTimeFormat(TAGS[locale], { timeZone: this.timeZone, month: "short", day: "numeric" }).format(ms);
  }

  /** RFC 3339 of a wall-clock time on the day of `dayMs`: what a question like "at 13:25:54" means. */
  onDay(dayMs: number, hms: string): string {
    const part = Object.fromEntries(this.parts.formatToParts(dayMs).map((p) => [p.type, p.value]));
    const offset = (part.timeZoneName ?? "GMT").replace("GMT", "") || "+00:00";
    return `${part.year}-${part.month}-${part.day}T${hms}${offset}`;
  }
}

/** The festival's zone, once it is known. */
export const zone = signal(new Zone("Asia/Shanghai"));
