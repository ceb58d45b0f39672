"""Error budgets: how fast they are used up, over a long and a short window each.

Both windows must burn: the long one shows that it matters, the short one that it still goes on, so that the alert ends
soon after the trouble does.
"""

from dataclasses import dataclass
from typing import Final

from dashboards.alerts.model import Alert, Severity
from dashboards.slo import API_ROUTES, JOB_CATALOG, RECORDED, by_name

MIN_BAD: Final = 10
"""Bad answers in the long window below which nobody is told: one failure in a quiet night is a large share of it."""

_API: Final = f'job="{JOB_CATALOG}",{API_ROUTES}'
_SLOW_SECONDS: Final = float(by_name("latency_p95").target)
_DURATION: Final = "mundo_http_request_duration_seconds"


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What share of the requests may be bad.

    Attributes:
        name: part of the recorded series' names.
        share: the budget.
        bad: PromQL of the bad answers as counters, with `{function}` and `{window}` to be filled in.
        answered: the same of all answers.
        alert: start of its alerts' names.
        what: what is bad about the answers, as a sentence goes on after `… of the requests`.
    """

    name: str
    share: float
    bad: str
    answered: str
    alert: str
    what: str

    def series(self, window: str) -> str:
        """Name of the recorded share of bad answers over `window`."""
        return f"mundo:{self.name}:ratio_rate{window}"

    def ratio(self, window: str) -> str:
        """PromQL of the share of bad answers over `window`; without a value where nothing was asked."""
        bad = self.bad.format(function="rate", window=window)
        return f"{bad} / ({self.answered.format(function='rate', window=window)} > 0)"


@dataclass(frozen=True, kw_only=True)
class Burn:
    """A pair of windows, and how many times faster than a month's budget allows is too fast in them."""

    long: str
    short: str
    factor: float
    severity: Severity
    suffix: str


ERRORS: Final = Budget(
    name="errors",
    share=by_name("error_rate").target,
    bad="(sum({function}(mundo_http_requests_total{{" + _API + ',status=~"5.."}}[{window}])) or vector(0))',
    answered="sum({function}(mundo_http_requests_total{{" + _API + "}}[{window}]))",
    alert="ErrorBudgetBurning",
    what="failed",
)

SLOW: Final = Budget(
    name="slow",
    share=0.05,
    bad=(
        "(sum({function}(" + _DURATION + "_count{{" + _API + "}}[{window}]))"
        " - sum({function}(" + _DURATION + "_bucket{{" + _API + f',le="{_SLOW_SECONDS}"' + "}}[{window}])))"
    ),
    answered="sum({function}(" + _DURATION + "_count{{" + _API + "}}[{window}]))",
    alert="LatencyBudgetBurning",
    what=f"took longer than {_SLOW_SECONDS * 1000:g} ms",
)

BUDGETS: Final = (ERRORS, SLOW)

# At 14.4 times, a fiftieth of a month's budget goes in an hour; at 6 times, a twentieth in six hours.
BURNS: Final = (
    Burn(long="1h", short="5m", factor=14.4, severity="critical", suffix="Fast"),
    Burn(long="6h", short="30m", factor=6, severity="warning", suffix=""),
)


def recording() -> list[tuple[str, str]]:
    """Name and PromQL of each recorded share."""
    windows = [window for burn in BURNS for window in (burn.short, burn.long)]
    return [(budget.series(window), budget.ratio(window)) for budget in BUDGETS for window in windows]


def _alert(budget: Budget, burn: Burn) -> Alert:
    limit = f"{budget.share * burn.factor:.4g}"
    plain = f"max without ({', '.join(RECORDED)})"
    floor = budget.bad.format(function="increase", window=burn.long)
    followed = () if burn.suffix else (f"{budget.alert}{BURNS[0].suffix}",)
    return Alert(
        name=f"{budget.alert}{burn.suffix}",
        component="catalog",
        severity=burn.severity,
        expr=(
            f"{plain} ({budget.series(burn.long)}) > {limit}"
            f" and {plain} ({budget.series(burn.short)}) > {limit}"
            f" and {floor} >= {MIN_BAD}"
        ),
        hold="1m",
        summary=f"The month's budget of requests that {budget.what} is used up {burn.factor:g} times too fast",
        description=(
            f"{{{{ $value | humanizePercentage }}}} of the requests of the last {burn.long} {budget.what}, "
            f"and it goes on; {budget.share * 100:g} % may."
        ),
        follows=("PostgresDown", *followed),
    )


ALERTS: Final = tuple(_alert(budget, burn) for budget in BUDGETS for burn in BURNS)
