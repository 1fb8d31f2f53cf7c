//! What changed between two costs.
//!
//! Costs are compared as their JSON has them, so that a report that was kept is like one that is made now, and what a report
//! comes to say is compared as soon as it does.

mod compare;
mod cost;
mod json;
mod limit;
mod sides;

use crate::error::{Error, Kind, Result};
use crate::request::DiffRequest;
use crate::response::{Changes, Diff, Measure, Verdict};
use crate::sources::Sources;
use compare::compared;
use cost::Cost;
use limit::Limit;

/// What changed between two costs, and whether that is within limits.
pub fn diff(request: &DiffRequest, sources: &dyn Sources) -> Result<Diff> {
    let limits = request.fail_on.iter().map(|text| Limit::read(text)).collect::<Result<Vec<_>>>()?;
    let (old, new) = sides::sides(request, sources)?;
    if request.benchmark {
        return Ok(Diff::Benchmark(new.iter().flat_map(measures).collect()));
    }
    let Pairs { both, added, removed } = pairs(old, new)?;
    let changed = both.iter().map(|(old, new)| compared(old, new)).collect::<Result<Vec<_>>>()?;
    let changed: Vec<_> = changed.into_iter().filter(compare::any).collect();
    let beyond = limits.iter().map(|limit| limit.beyond(&both)).collect::<Result<Vec<_>>>()?.concat();
    let verdict = match (changed.is_empty() && added.is_empty() && removed.is_empty(), limits.is_empty()) {
        _ if !beyond.is_empty() => Verdict::Beyond,
        (true, _) => Verdict::Same,
        (false, true) => Verdict::Changed,
        (false, false) => Verdict::Within,
    };
    Ok(Diff::Changes(Changes { verdict, compared: both.len(), beyond, changed, added, removed }))
}

/// Costs that belong together, and the titles of those that have no partner.
struct Pairs {
    both: Vec<(Cost, Cost)>,
    added: Vec<String>,
    removed: Vec<String>,
}

/// One old and one new cost are a pair, whatever they are called; of several, those of one name and workload, or, where
/// each side is of one thing, of one phase.
fn pairs(old: Vec<Cost>, mut new: Vec<Cost>) -> Result<Pairs> {
    if old.len() == 1 && new.len() == 1 {
        return Ok(Pairs { both: old.into_iter().zip(new).collect(), added: vec![], removed: vec![] });
    }
    let one = |costs: &[Cost]| costs.windows(2).all(|two| two[0].of == two[1].of && two[0].phase() != two[1].phase());
    let by_phase = one(&old) && one(&new);
    let belongs = |a: &Cost, b: &Cost| {
        if by_phase { a.phase() == b.phase() } else { (&a.of, &a.workload) == (&b.of, &b.workload) }
    };
    let (mut both, mut removed) = (Vec::new(), Vec::new());
    let titles = |costs: &[Cost]| costs.iter().take(5).map(Cost::title).collect::<Vec<_>>().join("; ");
    let found = format!("{} on the one side and {} on the other", titles(&old), titles(&new));
    for cost in old {
        match new.iter().position(|other| belongs(&cost, other)) {
            Some(at) => both.push((cost, new.remove(at))),
            None => removed.push(cost.title()),
        }
    }
    if both.is_empty() {
        let message = format!("found {found}, expected at least one model or operator at one workload on both");
        return Err(Error { found: Some(found), ..Error::new(Kind::Request, message) });
    }
    Ok(Pairs { both, added: new.iter().map(Cost::title).collect(), removed })
}

/// The figures of a cost that a page follows: less of each is better.
fn measures(cost: &Cost) -> Vec<Measure> {
    let unit = |name: &str| match name {
        "flops" => Some("FLOP"),
        "bytes" | "memory" | "cache.bytes_total" => Some("B"),
        "params" => Some("parameters"),
        name if name.ends_with(".lower_bound_s") => Some("s"),
        _ => None,
    };
    let each = cost.figures.iter().filter(|(_, value)| value.number().is_some());
    let each = each.filter_map(|(name, value)| {
        Some(Measure { name: format!("{}: {name}", cost.title()), unit: unit(name)?, value: value.clone() })
    });
    each.collect()
}
