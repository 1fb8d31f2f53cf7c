//! Constants of a device, from measured times.

use std::sync::Arc;

use cost_core::hardware::Hardware;
use cost_core::time;
use cost_times::{Answer, FEWEST, Rows, Source, fit, read};

use crate::error::{Error, Kind, Result};
use crate::load;
use crate::request::{CalibrateRequest, choice::Columns};
use crate::response::{Calibration, ExchangeFit, FasterRow, WorkGroup, WorkSummary};
use crate::sources::Sources;

/// The most bytes of a file of measured times.
const FILE_LIMIT: u64 = 1 << 28;

/// The constants of a device, fitted to the rows of files, and how far off they are.
pub fn calibrate(request: &CalibrateRequest, sources: &dyn Sources) -> Result<Calibration> {
    if request.files.is_empty() {
        return Err(Error::found("files", "none", format_args!("a file with at least {FEWEST} measured times")));
    }
    let found = load::devices(core::slice::from_ref(&request.on), sources)?;
    let [device] = <[Hardware; 1]>::try_from(found)
        .map_err(|found| Error::found("on", format_args!("{} devices", found.len()), "one"))?;
    let source = match request.columns.unwrap_or(Columns::Own) {
        Columns::Own => Source::Own,
        Columns::AiConfigurator => Source::AiConfigurator,
        Columns::Vidur => Source::Vidur,
        Columns::NcclTests => Source::NcclTests,
    };
    let resolve = |name: &str| load::own_operator(name, sources).map_err(|error| error.to_string());
    let mut rows = Rows::default();
    // Where the rows of each file end, so that a line is one of a file.
    let mut read_files: Vec<(&str, usize)> = Vec::new();
    for file in &request.files {
        let text = sources.text(file, FILE_LIMIT)?;
        let own = read(&text, source, &device, &resolve)
            .map_err(|error| Error::new(Kind::File, format!("{}: {error}", cost_core::text::short(file, 240))))?;
        rows.kernels.extend(own.kernels);
        rows.exchanges.extend(own.exchanges);
        rows.eager.extend(own.eager);
        rows.elsewhere += own.elsewhere;
        for (note, count) in own.noted {
            *rows.noted.entry(note).or_default() += count;
        }
        read_files.push((file, rows.kernels.len()));
    }
    let from = origin(request);
    let mut answer = fit(&rows, &device, &from).map_err(|error| Error::new(Kind::File, error.to_string()))?;
    let file = |line: u64, what: &str| {
        let at = rows.kernels.iter().position(|row| row.line == line && what.ends_with(&row.shape)).unwrap_or(0);
        read_files.iter().find(|(_, end)| at < *end).map_or_else(String::new, |(file, _)| (*file).to_owned())
    };
    let faster = answer.faster.iter().map(|it| FasterRow {
        file: file(it.line, &it.what),
        line: it.line,
        what: it.what.clone(),
        seconds: it.seconds,
        lower_bound_s: it.bound,
    });
    let faster = faster.collect();
    let notes = core::mem::take(&mut answer.notes);
    Ok(described(answer, &rows, device, faster, notes))
}

/// What the constants are said to be from: the files' names, without where they are.
fn origin(request: &CalibrateRequest) -> String {
    let names: Vec<&str> =
        request.files.iter().map(|file| file.rsplit(['/', '\\']).next().unwrap_or(file.as_str())).collect();
    format!("cost calibrate {}", names.join(" "))
}

fn described(answer: Answer, rows: &Rows, device: Hardware, faster: Vec<FasterRow>, notes: Vec<String>) -> Calibration {
    let summary = answer.summary.iter().map(|it| WorkSummary {
        work: it.work.name(),
        class: it.class.name(),
        groups: it.groups,
        rows: it.rows,
        mape: it.mape,
        median: it.median,
        coverage: it.coverage,
    });
    let groups = answer.groups.iter().map(|it| WorkGroup {
        engine: it.engine.clone(),
        kernel: it.kernel.clone(),
        stored: it.stored.clone(),
        work: it.work.name(),
        class: it.class.name(),
        rows: it.quality.rows,
        shapes: it.shapes,
        borrowed: it.borrowed,
        mape: it.quality.mape,
        median: it.quality.median,
        low: it.quality.low,
        high: it.quality.high,
        coverage: it.quality.coverage,
        launch_s: it.constants.launch,
        compute: it.constants.compute,
        memory: it.constants.memory,
    });
    let exchanges = answer.exchanges.iter().map(|it| ExchangeFit {
        kind: it.exchange.kind.clone(),
        rows: it.exchange.rows,
        left_out: it.left_out,
        mape: it.exchange.mape,
        latency_s: it.exchange.latency,
        share: it.exchange.share,
    });
    let figures = cost_core::hardware::text(&device);
    Calibration {
        device: device.id.to_string(),
        rows: (rows.kernels.len() + rows.exchanges.len()) as u64,
        noted: rows.noted.values().sum(),
        elsewhere: rows.elsewhere,
        summary: summary.collect(),
        groups: groups.collect(),
        exchanges: exchanges.collect(),
        faster_rows: answer.faster_rows,
        faster,
        notes,
        toml: format!("{figures}\n[device.times]\n{}", time::text(&answer.times, "device.times.")),
        constants: time::text(&answer.times, ""),
        hardware: Hardware { times: Some(Arc::new(answer.times)), ..device },
    }
}
