//! `cost balance`

use cost_api::BalanceRequest;
use cost_api::response::Balance;

use crate::args::Printed;
use crate::cell::{Cell, row};
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::page::{Page, table};
use crate::table::{foot, headings};

pub(crate) fn run(args: &Printed<BalanceRequest>) -> Result<()> {
    let balance = cost_api::balance(&args.request, &Disk).map_err(text)?;
    if args.output.json { output::json(&balance) } else { output::page(&page(&balance), &args.output) }
}

fn page(answer: &Balance) -> Page {
    let axis = &answer.axis;
    let limit = answer.limit.map_or_else(|| "∞".to_owned(), |limit| format!("{limit:.3}"));
    let mut page = Page::from(format!(
        "{}: FLOP/byte in terms of {axis}\n  {}\n  as {axis} → ∞: {limit}\n\n",
        answer.what, answer.intensity
    ));
    let rows = answer.devices.iter().map(|device| {
        let at = match (device.balance, device.kind) {
            (Some(at), _) => Cell::new(format!("{axis} = {at:.3}"), at),
            (None, "start") => format!("compute bound at {axis} = {}", answer.from).into(),
            (None, _) => "never".into(),
        };
        row![device.name.clone(), Cell::new(format!("{:.3}", device.ridge), device.ridge), at]
    });
    page += table(headings(&["device", "ridge", "balance"]), 1, rows);
    if !answer.values.is_empty() {
        let mut columns = headings(&[axis, "FLOP/byte"]);
        columns.extend(answer.devices.iter().map(|device| device.name.clone()));
        let rows = answer.values.iter().map(|value| {
            let mut row = row![value.value.to_string(), Cell::new(format!("{:.3}", value.intensity), value.intensity)];
            row.extend(value.bounds.iter().map(|bound| Cell::bound(bound, *bound)));
            row
        });
        page += "\n";
        page += table(columns, 0, rows);
    }
    page + foot(&answer.notes).as_str()
}
