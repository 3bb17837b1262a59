// The page of one entry.

import { parseBundle } from "../../verify/bundle.js";
import { parseTrust } from "../../verify/trust.js";
import { verify } from "../../verify/verify.js";

console.log(parseBundle, parseTrust, verify);
