package report

// GuardHeader is where the bridge of the embedded engine says in every answer below how many free bytes of its disk flushes are
// refused, 0: never. Whoever shows that disk may be another process, with other settings.
const GuardHeader = "X-Festival-Keep-Free"
