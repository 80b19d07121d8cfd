// The languages of desk and merchant page beside Chinese and English. Importing it adds them.
import es from "./es.json";
import { learn } from "./i18n";
import it from "./it.json";
import ru from "./ru.json";
import tr from "./tr.json";

learn({ es, it, ru, tr });
