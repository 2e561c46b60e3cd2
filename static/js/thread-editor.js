// Pages with nothing but an editor (a new thread, an edit, a reply): cards and mentions while one writes.

import "./thread-cards.js";
import "./thread-mentions.js";
