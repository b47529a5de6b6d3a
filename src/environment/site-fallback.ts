/**
 * CloudFront Function on viewer request: the routes of a single-page app have no extension and get `index.html`;
 * files keep their path, so that a missing one is a true 404. `/.well-known/` holds files without extension.
 */
export const FALLBACK_CODE = `function handler(event) {
  var request = event.request;
  var last = request.uri.substring(request.uri.lastIndexOf('/') + 1);
  if (last.indexOf('.') === -1 && request.uri.indexOf('/.well-known/') !== 0) {
    request.uri = '/index.html';
  }
  return request;
}
`;
