// A script that does not come, as when a phone changes its network on the way, leaves a page that does nothing. The page is
// loaded again then, a few times at most.

const KEY = "again";
const MOST = 3;
let failed = false;

addEventListener("error", ({ target }) => (failed ||= target instanceof HTMLScriptElement), true);
addEventListener("load", () => {
  try {
    const times = Number(sessionStorage.getItem(KEY) ?? 0);
    if (!failed) {
      sessionStorage.removeItem(KEY);
    } else if (times < MOST) {
      sessionStorage.setItem(KEY, times + 1);
      location.reload();
    }
  } catch (error) {
    // Who may keep nothing cannot count.
    console.info("not loaded again:", error.message);
  }
});
