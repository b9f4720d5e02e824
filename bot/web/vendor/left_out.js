/* Other kinds of age keys, which the service does not take (`bot/privacy/seal.py`): half of the bundle's weight. */
export const MLKEM768P256 = null;
export const MLKEM768X25519 = null;
export const p256 = null;
export const scrypt = null;
