/** Headers of every answer. `isTls`: the public address is https, so browsers are told to stay there. */
export function securityHeaders(isTls: boolean): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {
    'content-security-policy': pagePolicy + (isTls ? '; upgrade-insecure-requests' : ''),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
  if (isTls) headers['strict-transport-security'] = 'max-age=31536000; includeSubDomains';
  return headers;
}

/** What pages of ours may load: nothing inline, nothing evaluated, nothing from elsewhere. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "media-src 'self' blob:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "object-src 'none'",
].join('; ');

/** Policy of a downloaded file: whatever it is, it runs nothing here. */
export const filePolicy = "default-src 'none'; sandbox";
