// Where a country's light stands: longitude and latitude in degrees of a point of trade (not of a border, not of a
// centre of area), by ISO 3166-1 alpha-2. Good to about a degree, which is one dot of the map. A missing code has no light.

const TABLE =
  "AD 1.5 42.5|AE 55 25|AF 67 34|AG -61.8 17.1|AL 20 41.2|AM 44.5 40.2|AO 14 -9|AR -60 -34.5|AT 15 47.8|AU 147 -30|AZ 49 40.4|" +
  "BA 18 44|BB -59.5 13.2|BD 90.3 23.8|BE 4.5 50.7|BF -1.5 12.3|BG 24 42.6|BH 50.5 26.2|BI 29.5 -3.4|BJ 2.4 6.5|BN 115 4.8|BO -66 -17|" +
  "BR -47 -22|BS -77.3 25|BT 90 27.4|BW 25.5 -24|BY 27.8 53.6|BZ -88.5 17.3|CA -79 44.5|CD 17 -4.5|CF 18.5 4.4|CG 15 -3|CH 8 47|" +
  "CI -4.5 6|CL -70.7 -33|CM 11 4|CN 114 31.5|CO -74.5 5|CR -84 10|CU -81 22.8|CV -23.5 15|CY 33.2 35|CZ 15 50|DE 10 51|DJ 43 11.6|" +
  "DK 10.5 55.8|DO -70 18.6|DZ 3 36|EC -79 -1.5|EE 25.5 59|EG 31 30|ER 39 15.3|ES -3.7 40.2|ET 39 9|FI 25 61|FJ 178 -18|FR 2.5 47.5|" +
  "GA 10 .4|GB -1.5 52.5|GE 44.5 41.8|GF -52.5 5|GH -1 6|GL -51 64|GM -16.5 13.4|GN -13 10|GP -61.5 16.2|GQ 9.5 1.8|GR 22.8 38.6|" +
  "GT -90.5 14.8|GU 144.8 13.5|GW -15.5 12|GY -58.5 6.5|HK 114.2 22.3|HN -87 14.5|HR 16 45.5|HT -72.4 18.8|HU 19.3 47.2|ID 108 -6.6|" +
  "IE -7 53.2|IL 35 31.8|IN 77.5 24|IQ 44.4 33|IR 51.5 34|IS -21 64.3|IT 12 43|JM -77 18|JO 36 31.6|JP 138 36|KE 37 -1|KG 74.6 42.5|" +
  "KH 105 12|KM 43.5 -11.8|KR 127.6 36.6|KW 47.8 29.3|KZ 72 48|LA 102.8 18.5|LB 35.8 33.9|LC -61 13.9|LK 80.2 7.3|LR -10 6.6|LS 28 -29.5|" +
  "LT 24 55.3|LU 6.1 49.7|LV 24.8 57|LY 14 32|MA -7 33|MC 7.4 43.7|MD 28.8 47|ME 19.3 42.6|MG 47 -19|MK 21.6 41.7|ML -7 13|MM 96 18|" +
  "MN 105 47.5|MO 113.5 22.1|MQ -61 14.6|MR -15 18.5|MT 14.4 35.9|MU 57.5 -20.2|MV 73.5 4.2|MW 34.5 -14|MX -100 20.5|MY 102.2 3.6|" +
  "MZ 33.5 -24|NA 17 -22.5|NC 165.5 -21.5|NE 4 13.6|NG 5 8|NI -86 12.5|NL 5.2 52.2|NO 10 60.5|NP 85 27.8|NZ 174.5 -38.5|OM 57.5 23|" +
  "PA -79.8 8.8|PE -76 -11|PF -149.5 -17.6|PG 147 -7.5|PH 121.5 14.5|PK 72 31|PL 19.5 52|PR -66.3 18.2|PS 35.2 32|PT -8.6 39.5|PY -57.5 -25|" +
  "QA 51.3 25.3|RE 55.5 -21.1|RO 26 45|RS 20.8 44|RU 38.5 56|RW 30 -2|SA 45 24.5|SB 160 -9.4|SC 55.5 -4.6|SD 32.5 15.5|SE 16.5 60|SG 103.8 1.3|" +
  "SI 14.8 46.1|SK 19.3 48.7|SL -12.5 8.4|SN -16.5 14.6|SO 45.3 2.2|SR -55.5 5.3|SS 31.5 5|SV -89 13.7|SY 37 35|SZ 31.4 -26.4|TD 15.5 12.5|" +
  "TG 1.2 7|TH 100.8 14.5|TJ 69 38.6|TL 125.6 -8.7|TM 58.4 38|TN 10 36.4|TR 31 40|TT -61.3 10.5|TW 121 24|TZ 38.5 -6.5|UA 31 49.5|UG 32.5 .5|" +
  "US -90 38.5|UY -56 -34|UZ 68 40.6|VE -67 10|VN 106.3 16|VU 168 -17|WS -172 -13.8|XK 21 42.6|YE 45 14.5|ZA 28 -27|ZM 28.3 -15|ZW 31 -18|" +
  "AX 20 60.2|BM -64.8 32.3|CW -69 12.2|AW -70 12.5|FO -7 62|GI -5.3 36.2|GG -2.5 49.4|JE -2.1 49.2|IM -4.5 54.2|KY -81.2 19.3|LI 9.5 47.1|" +
  "SM 12.5 43.9|VA 12.5 41.9|VI -64.8 18.3|YT 45.2 -12.8|KP 125.8 39.2|MP 145.7 15.2|GD -61.7 12.1|VC -61.2 13.2|DM -61.4 15.4|KN -62.7 17.3|ST 6.7 .3";

/** lon, lat in degrees. */
export type Point = readonly [lon: number, lat: number];

export const HUBS: ReadonlyMap<string, Point> = new Map(
  TABLE.split("|").map((row) => {
    const [code = "", lon = "0", lat = "0"] = row.split(" ");
    return [code, [Number(lon), Number(lat)] as const];
  }),
);

/**
 * Where a label stands beside its light, in u: [dx, dy, anchor]. Hand-set where neighbours are near each other; the rest
 * stand above.
 */
export const LABEL_OFFSETS: Readonly<Record<string, readonly [dx: number, dy: number, anchor: "l" | "c" | "r"]>> = {
  CN: [14, 40, "l"], RU: [-22, -8, "r"], US: [0, -34, "c"], FR: [-20, -8, "r"], ES: [-14, 26, "r"], GB: [-18, -20, "r"],
  PL: [-10, -30, "c"], DE: [0, -34, "c"], IT: [10, 28, "l"], TR: [14, 24, "l"], KR: [22, -14, "l"], JP: [22, 6, "l"],
  BR: [-22, 2, "r"], AU: [-20, 10, "r"], MX: [-16, 20, "r"], CA: [18, -22, "l"], SA: [16, 16, "l"], NL: [-18, -24, "r"],
  TH: [-16, 8, "r"], VN: [18, 12, "l"], SG: [-16, 16, "r"], MY: [-18, -2, "r"], ID: [0, 30, "c"], IN: [0, 32, "c"],
  HK: [16, 18, "l"], TW: [18, 4, "l"], MO: [-16, 20, "r"], IL: [-16, 18, "r"], UA: [20, 6, "l"], KZ: [0, -26, "c"],
  CL: [-18, 4, "r"], AR: [0, 30, "c"], NZ: [-18, 8, "r"], AE: [18, 10, "l"], PH: [18, 4, "l"], ZA: [0, 30, "c"],
};
