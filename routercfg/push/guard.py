"""The lock-out guard: our own session's source must stay allowed by what is to come."""

from __future__ import annotations

from routercfg.errors import LockoutRiskError, Where
from routercfg.model.change import Change, DefendIpv6, DisableIpv6, RestrictManagement
from routercfg.model.state import RouterState
from routercfg.net import PrefixSet
from routercfg.planning import Plan
from routercfg.requirements.outside import internet


def check_lockout(plan: Plan) -> None:
    """Raise LockoutRiskError unless the plan is shown to keep the pushing session's way in.

    The source is the one the router sees, not the one we believe we have: there may be NAT between.
    """
    narrowing = [
        planned.change
        for planned in plan.changes
        if isinstance(planned.change, RestrictManagement | DefendIpv6 | DisableIpv6)
    ]
    if not narrowing:
        return
    where = Where(router=plan.router)
    text = session_source(plan)
    source = PrefixSet.of(text)
    for change in narrowing:
        if not _keeps(change, source, plan.state):
            raise LockoutRiskError(
                f"{change.summary} would lock out {text}, from where this is being pushed",
                where=where,
            )


def session_source(plan: Plan) -> str:
    """From where we push, as the router sees it. Raises LockoutRiskError where it shows none."""
    text = plan.state.session_source
    if text is None:
        raise LockoutRiskError(
            "the router does not show where this session comes from",
            where=Where(router=plan.router),
        )
    return text


def _keeps(change: Change, source: PrefixSet, state: RouterState) -> bool:
    match change:
        case (
            RestrictManagement(wans=wans, sources=sources)
            | DefendIpv6(wans=wans, management_sources=sources)
        ):
            if isinstance(change, DefendIpv6) and not source.only(6):
                return True
            outside = PrefixSet()
            for wan in wans:
                outside |= internet(state, wan)
            return source <= sources or not source & outside
        case _:
            return not source.only(6)
