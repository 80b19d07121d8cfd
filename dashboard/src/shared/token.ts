// The operators' token (http.operator_token_file), for who operates from another machine than the server's: typed on /ops, kept by
// this tab alone and sent with its requests. On the machine itself none is needed.

const STORE = "festival.token";

let known: string | null = null;

/** The token of this tab; "" where none was typed. */
export function token(): string {
  if (known !== null) return known;
  try {
    known = sessionStorage.getItem(STORE) ?? "";
  } catch {
    known = "";
  }
  return known;
}

/** Takes a token, or "" to forget it. */
export function setToken(text: string): void {
  known = text.trim();
  try {
    sessionStorage.setItem(STORE, known);
  } catch {
    // it then lasts as long as the page
  }
}

/** What a request says of it: nothing where there is none. A header has room for printable ASCII only. */
export function authorization(): Record<string, string> {
  const text = token();
  return /^[!-~]+$/.test(text) ? { Authorization: `Bearer ${text}` } : {};
}
