/* What of npm's age-encryption the page needs: to encrypt. Always by its own JavaScript, which every browser has;
   WebCrypto knows X25519 in new ones only, and not at all where a page came without TLS. */
import { forceWebCryptoOff } from "./node_modules/age-encryption/dist/x25519.js";

export { Encrypter } from "age-encryption";

forceWebCryptoOff(true);
