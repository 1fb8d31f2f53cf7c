//! Where an intensity meets the ridge points of devices.

use cost_core::Options;
use cost_core::balance::{self as solved, Balance as At, limit};
use cost_core::cost::{Totals, axes, check_routing, derive, kernels, totals};
use cost_core::expr::{Expr, Notation, Ratio, Rational};
use cost_core::hardware::Hardware;
use cost_core::library::Source;
use cost_core::op::Op;
use cost_models::Note;
use cost_models::report::bytes_of;

use crate::at;
use crate::error::{Error, Kind, Result};
use crate::load::{self, Subject};
use crate::request::BalanceRequest;
use crate::request::choice::Count;
use crate::response::{Balance, DeviceBalance, JudgedValue};
use crate::sources::Sources;

/// Where an intensity meets the ridge points of devices.
pub fn balance(request: &BalanceRequest, sources: &dyn Sources) -> Result<Balance> {
    if request.on.is_empty() {
        return Err(Error::found("on", "none", "at least one device"));
    }
    request.values.iter().try_for_each(|value| load::positive("values", Some(*value)))?;
    let devices = load::devices(&request.on, sources)?;
    let asked;
    let subject =
        match load::subject(&request.what, &request.reading, request.counting.formats.weights.is_some(), sources)? {
            Subject::Operator(operator) => {
                let (name, known) = (operator.name().to_owned(), vec![None; operator.axes().len()]);
                asked = load::options(&request.counting)?;
                Counted { name, operator, known, options: asked.clone(), notes: Vec::new() }
            }
            Subject::Model(model) => {
                asked = load::options_of(&model, &request.counting)?;
                let options = model.options(&asked).into_owned();
                model.check_routing(None, &options)?;
                let defaults = |axis: &str| match axis {
                    "b" | "s" | "o" => Some(1),
                    "t" => Some(4097),
                    _ => None,
                };
                let axes = (0_u16..).zip(model.architecture().axes());
                let known = axes.map(|(i, axis)| model.size_of(i).or_else(|| defaults(axis))).collect();
                let (name, operator) = (model.name.clone(), model.architecture().clone());
                Counted { name, operator, known, options, notes: model.notes }
            }
        };
    subject.operator.clone().with(|op| answer(request, op, subject, &asked, &devices))
}

/// What a balance is asked of, and how it is counted.
struct Counted {
    name: String,
    operator: Source,
    /// The sizes of its axes, where they are known.
    known: Vec<Option<u64>>,
    options: Options,
    notes: Vec<Note>,
}

/// `asked` are the options as they were given.
fn answer(
    request: &BalanceRequest,
    op: &Op<'_>,
    subject: Counted,
    asked: &Options,
    devices: &[Hardware],
) -> Result<Balance> {
    let Counted { name, known, options, notes, .. } = subject;
    let solved = at::axis(op, &request.solve)?;
    let sizes = sizes(op, known, &request.at, solved)?;
    let symbols = axes(op).into_iter().zip(&sizes);
    let symbols: Vec<Expr> = symbols.map(|(own, size)| size.clone().unwrap_or(own)).collect();
    check_values(op, &sizes, solved, &request.values)?;
    check_routing(op, &symbols, &options)?;
    let kernels = kernels(op, &symbols, &options)?;
    load::check_read(asked, (&name, op, &symbols), &kernels)?;
    let total = totals(&kernels)?;
    let intensity = intensity(&total, request.count)?;
    let class = total.flops.class();
    let domain = domain(op, &sizes, solved);
    let ridges: Vec<f64> = devices.iter().map(|device| device.ridge(class)).collect();
    Ok(Balance {
        what: name,
        axis: request.solve.clone(),
        intensity: intensity.show(op.axes, Notation::Text).to_string(),
        limit: Some(limit(&intensity, solved)?).filter(|limit| limit.is_finite() && domain.1.is_infinite()),
        from: domain.0,
        to: Some(domain.1).filter(|to| to.is_finite()),
        devices: devices
            .iter()
            .zip(&ridges)
            .map(|(device, ridge)| verdict(device, *ridge, &intensity, solved, domain))
            .collect(),
        values: request.values.iter().map(|value| judged(*value, &intensity, solved, &ridges)).collect(),
        notes,
    })
}

/// The size of each axis: what is known of it, and what `--at` says. One stays open.
fn sizes(op: &Op<'_>, known: Vec<Option<u64>>, at: &[String], solved: u16) -> Result<Vec<Option<Expr>>> {
    let mut sizes = known;
    for (named, size) in at::sizes(op, at, 1)? {
        if named == solved {
            let name = op.axes[usize::from(named)];
            return Err(Error::option(
                "at",
                format_args!("`{name}={size}` gives a size to the axis that is solved for"),
            ));
        }
        sizes[usize::from(named)] = Some(size);
    }
    sizes[usize::from(solved)] = None;
    let mut sizes: Vec<Option<Expr>> = sizes.into_iter().map(|size| size.map(number)).collect();
    // A window that isn't bounded is as long as the context.
    if let Some(t) = op.axis_named("t") {
        let all = sizes[usize::from(t)].clone().unwrap_or_else(|| Expr::axis(u16::from(t)));
        let all = all.add(&number(1))?;
        for window in ["u", "w"].iter().filter_map(|name| op.axis_named(name)).filter(|w| u16::from(*w) != solved) {
            sizes[usize::from(window)].get_or_insert_with(|| all.clone());
        }
    }
    open(op, sizes, solved)
}

/// Between which values the axis can be: queries are no more than keys.
fn domain(op: &Op<'_>, sizes: &[Option<Expr>], solved: u16) -> (f64, f64) {
    let Some((s, t)) = op.mask.positions() else { return (1.0, f64::INFINITY) };
    let known = |axis: u8| sizes[usize::from(axis)].as_ref().and_then(Expr::as_constant).map(Rational::to_f64);
    let to = known(t).filter(|_| u16::from(s) == solved).unwrap_or(f64::INFINITY);
    (known(s).filter(|_| u16::from(t) == solved).unwrap_or(1.0), to)
}

/// Values at which there would be more queries than keys are no sizes.
fn check_values(op: &Op<'_>, sizes: &[Option<Expr>], solved: u16, values: &[u64]) -> Result<()> {
    let Some((s, t)) = op.mask.positions() else { return Ok(()) };
    let at = |axis: u8, value: u64| {
        let known = sizes[usize::from(axis)].as_ref().and_then(Expr::as_constant);
        if u16::from(axis) == solved { Some(Rational::int(i128::from(value))) } else { known }
    };
    for value in values {
        if let (Some(new), Some(all)) = (at(s, *value), at(t, *value))
            && new > all
        {
            let (s, t) = (op.axes[usize::from(s)], op.axes[usize::from(t)]);
            let said = format!("{value} makes {s} = {new} and {t} = {all}; expected {s} to be at most {t}");
            return Err(Error::option("values", said));
        }
    }
    Ok(())
}

fn number(size: u64) -> Expr {
    Expr::int(i128::from(size))
}

fn open(op: &Op<'_>, mut sizes: Vec<Option<Expr>>, solved: u16) -> Result<Vec<Option<Expr>>> {
    if op.derives(usize::from(solved)) {
        let name = op.axes[usize::from(solved)];
        let said = format!("`{name}` of {} has its size in terms of other axes; solve for one of those", op.name);
        return Err(Error::option("solve", said));
    }
    let known = axes(op).into_iter().zip(&sizes).map(|(own, size)| size.clone().unwrap_or(own));
    let mut known: Vec<Expr> = known.collect();
    derive(op, &mut known)?;
    for axis in op.derived.iter().map(|it| usize::from(it.axis)) {
        sizes[axis] = Some(known[axis].clone());
    }
    let missing = (0_u16..).zip(&sizes).filter(|(axis, size)| *axis != solved && size.is_none());
    let missing: Vec<&str> = missing.map(|(axis, _)| op.axes[usize::from(axis)]).collect();
    if missing.is_empty() {
        return Ok(sizes);
    }
    let example: Vec<String> = missing.iter().map(|axis| format!("{axis}=…")).collect();
    let message = format!("the sizes of {} are open; give them with --at {}", missing.join(", "), example.join(","));
    Err(Error { field: Some("at".to_owned()), ..Error::new(Kind::Request, message) })
}

fn intensity(total: &Totals<Expr>, count: Option<Count>) -> cost_core::Result<Ratio> {
    let flops = match count {
        None | Some(Count::All) => total.flops.total()?,
        Some(Count::Matmul) => total.flops.matmul()?,
    };
    Ratio::new(&flops, &bytes_of(&total.bits.total()?)?)
}

fn verdict(device: &Hardware, ridge: f64, intensity: &Ratio, axis: u16, domain: (f64, f64)) -> DeviceBalance {
    let found = solved::balance(intensity, axis, ridge, domain);
    let kind = match found {
        At::Exact(_) => "exact",
        At::Bracketed(_) => "bracketed",
        At::Start => "start",
        At::Never => "never",
    };
    DeviceBalance { name: device.id.to_string(), ridge, balance: found.at(), kind }
}

fn judged(value: u64, intensity: &Ratio, axis: u16, ridges: &[f64]) -> JudgedValue {
    let at = intensity.substitute(&|own| (own == axis).then(|| number(value)));
    let at = at.ok().and_then(|ratio| ratio.value(&[]).ok()).map_or(f64::NAN, Rational::to_f64);
    let bounds = ridges.iter().map(|ridge| if at < *ridge { "memory" } else { "compute" });
    JudgedValue { value, intensity: at, bounds: bounds.collect() }
}
