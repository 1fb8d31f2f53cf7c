//! `cost balance`

use cost_api::BalanceRequest;
use cost_api::response::Balance;

use crate::args::Printed;
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::table::{foot, headings, table};

pub(crate) fn run(args: &Printed<BalanceRequest>) -> Result<()> {
    let balance = cost_api::balance(&args.request, &Disk).map_err(text)?;
    if args.output.json { output::json(&balance) } else { output::print(&page(&balance)) }
}

fn page(answer: &Balance) -> String {
    let axis = &answer.axis;
    let limit = answer.limit.map_or_else(|| "∞".to_owned(), |limit| format!("{limit:.3}"));
    let mut page =
        format!("{}: FLOP/byte in terms of {axis}\n  {}\n  as {axis} → ∞: {limit}\n\n", answer.what, answer.intensity);
    let rows = answer.devices.iter().map(|device| {
        let at = match (device.balance, device.kind) {
            (Some(at), _) => format!("{axis} = {at:.3}"),
            (None, "start") => format!("compute bound at {axis} = {}", answer.from),
            (None, _) => "never".to_owned(),
        };
        vec![device.name.clone(), format!("{:.3}", device.ridge), at]
    });
    page += &table(headings(&["device", "ridge", "balance"]), 1, rows);
    if !answer.values.is_empty() {
        let mut columns = headings(&[axis, "FLOP/byte"]);
        columns.extend(answer.devices.iter().map(|device| device.name.clone()));
        let rows = answer.values.iter().map(|value| {
            let mut row = vec![value.value.to_string(), format!("{:.3}", value.intensity)];
            row.extend(value.bounds.iter().map(|bound| (*bound).to_owned()));
            row
        });
        page += "\n";
        page += &table(columns, 0, rows);
    }
    page + &foot(&answer.notes)
}
