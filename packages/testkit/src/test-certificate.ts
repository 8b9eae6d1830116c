// A certificate for localhost and 127.0.0.1 that only tests trust, with its key. It signs itself, so it is its own authority.
// EC P-256, good from 2020 to 2120.

export const testCertificate = {
  /** PEM. */
  cert: `-----BEGIN CERTIFICATE-----
MIIBbjCCARWgAwIBAgIBATAKBggqhkjOPQQDAjAYMRYwFAYDVQQDDA1qb2JzdG9y
bSB0ZXN0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAYMRYwFAYD
VQQDDA1qb2JzdG9ybSB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8DMG
vV1nYndGAXKAVB/vtvf3kW67FaRZt70vRAm9wv6MHHS6c5JomRgg0CGKXHj4J/hm
nBJqlv8tWYkUseI5JaNOMEwwDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARggls
b2NhbGhvc3SHBH8AAAEwHQYDVR0OBBYEFEai2b0soXeZLejgzjpdUNKheG9AMAoG
CCqGSM49BAMCA0cAMEQCIHUm5oi72YWrPrDmAoEOTiD9OME85A9joycF7x/OHUQk
AiA5ZWLzLniOnr96/eMG5SlJlmxBJ+RQqpMac9+expALjg==
-----END CERTIFICATE-----
`,
  /** PEM; it guards nothing. */
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9oCUgu9524nr8Xsn
HRgAEAHJdpDjSazF5HpjtmxzlDKhRANCAATwMwa9XWdid0YBcoBUH++29/eRbrsV
pFm3vS9ECb3C/owcdLpzkmiZGCDQIYpcePgn+GacEmqW/y1ZiRSx4jkl
-----END PRIVATE KEY-----
`,
};
