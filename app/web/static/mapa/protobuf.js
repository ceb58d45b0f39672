// The one place where scripts name pbf's release; `python -m ops vendor` changes it.
export { PbfReader } from "/static/vendor/pbf-5.1.2/index.js";
