//! Sweeps: the values of axes, conditions, the rows and what is kept of them.

use cost_core::Options;
use cost_core::format::Format;
use cost_core::hardware::{self, Hardware};
use cost_models::report::report;
use cost_models::sweep::{
    Axis, Column, Error, FileFormat, FormatChoices, Grid, Order, Query, Rows, Setting, Sweep, Values, Watch, pareto,
    top, write, write_rows,
};
use cost_models::{Logits, Phase, Workload, catalogue};
use proptest::prelude::*;

fn axis(text: &str) -> Axis {
    text.parse().unwrap()
}

fn grid(batch: &str, past: &str) -> Grid {
    Grid { phase: Phase::Decode, logits: Logits::Last, batch: axis(batch), tokens: axis("1"), past: axis(past) }
}

fn devices(names: &[&str]) -> Vec<Hardware> {
    names.iter().map(|name| hardware::find(name).unwrap()).collect()
}

fn sweep(models: &[&str], on: &[&str], grid: Grid) -> Sweep {
    let cache = ["bf16", "int8"].map(Format::known).to_vec();
    let choices = FormatChoices { cache, ..FormatChoices::default() };
    let settings = models
        .iter()
        .flat_map(|name| Setting::each(&catalogue::find(name).unwrap(), &choices, &Options::default()).unwrap());
    Sweep::new(settings.collect(), devices(on), grid).unwrap()
}

/// All rows as lines of CSV, without the heading.
fn lines(sweep: &Sweep, columns: &[Column], condition: Option<&str>) -> Vec<String> {
    let mut text = Vec::new();
    let condition = condition.map(|text| Query::condition(text).unwrap());
    let rows = write(sweep, columns, condition.as_ref(), FileFormat::Csv, &mut text, Watch::NOBODY).unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
    assert_eq!(lines.len() as u64, rows);
    lines
}

/// A column of rows as text.
fn shown(rows: &Rows) -> Vec<String> {
    let one = |values: &Values, row: usize| match values {
        Values::Text { names, rows } => names[rows[row] as usize].clone(),
        Values::Whole(all) => all[row].to_string(),
        Values::Number(all) => all[row].to_string(),
        Values::Truth(all) => all[row].to_string(),
    };
    (0..rows.count)
        .map(|row| rows.columns.iter().map(|(_, values)| one(values, row)).collect::<Vec<_>>().join(","))
        .collect()
}

#[test]
fn axes_are_read_as_they_are_written() {
    for (text, values, again) in [
        ("4096", vec![4096], "4096"),
        ("1,2, 8", vec![1, 2, 8], "1,2,8"),
        ("0..=10:4", vec![0, 4, 8], "0..=8:4"),
        ("0..8:4", vec![0, 4], "0..=4:4"),
        ("1..=512:*2", vec![1, 2, 4, 8, 16, 32, 64, 128, 256, 512], "1..=512:*2"),
        ("3..=100:*10", vec![3, 30], "3..=30:*10"),
        ("1..=3,10..=30:10", vec![1, 2, 3, 10, 20, 30], "1..=3,10..=30:10"),
        ("1_000", vec![1000], "1000"),
        ("5..=5", vec![5], "5"),
    ] {
        let axis: Axis = axis(text);
        assert_eq!(axis.from(0).collect::<Vec<_>>(), values, "{text}");
        assert_eq!(axis.len(), values.len() as u64, "{text}");
        assert_eq!(axis.from(1).collect::<Vec<_>>(), values[1..], "{text}");
        assert_eq!(axis.to_string(), again, "{text}");
    }
    // The largest number, without a step beyond it.
    assert_eq!(axis("1..=18446744073709551615:*2").from(63).collect::<Vec<_>>(), [1 << 63]);
    for text in
        ["", "x", "-1", "4..=2", "4..4", "1..=8:0", "1..=8:*1", "0..=8:*2", "1..=8:2:2", "1,", "1.5", "1..=", "..3"]
    {
        assert!(matches!(text.parse::<Axis>(), Err(Error::Axis { .. })), "{text}");
    }
}

/// What is wrong, and where: at the character under the sign.
#[test]
fn queries_say_what_is_wrong() {
    for (text, message) in [
        ("", "expected a column, a number or a text in quotes, found the end\n  \n  ^"),
        ("batch >", "expected a column, a number or a text in quotes, found the end\n  batch >\n         ^"),
        ("batch > 1 2", "expected an operator or the end, found `2`\n  batch > 1 2\n            ^"),
        ("(batch > 1", "expected `)`, found the end\n  (batch > 1\n            ^"),
        ("batch = 1", "`=` means nothing here; equality is `==`\n  batch = 1\n        ^"),
        ("batch > 1 & past > 1", "`&` means nothing here; it is written twice\n  batch > 1 & past > 1\n            ^"),
        ("batch + 1", "expected a condition, found a number\n  batch + 1\n  ^"),
        ("1 < 2 < 3", "comparisons can't be chained; join two with `&&`\n  1 < 2 < 3\n        ^"),
        ("model > 1", "expected a number, found a text\n  model > 1\n  ^"),
        ("model == 1", "a text can't be compared with a number\n  model == 1\n        ^"),
        ("!batch", "expected a condition, found a number\n  !batch\n   ^"),
        ("-fits > 1", "expected a number, found a condition\n  -fits > 1\n   ^"),
        ("fits && batch", "expected a condition, found a number\n  fits && batch\n          ^"),
        ("bound == \"mem\"", "bound is \"memory\" or \"compute\", never \"mem\"\n  bound == \"mem\"\n           ^"),
        ("model == \"x", "this text has no end: a quote is missing\n  model == \"x\n           ^"),
        ("batch > 1x", "expected a number such as 0.02 or 1e9, found `1x`\n  batch > 1x\n          ^"),
        ("bach > 1", "there is no column `bach`; did you mean `batch` or the text \"bach\"?\n  bach > 1\n  ^"),
    ] {
        assert_eq!(Query::condition(text).unwrap_err().to_string(), message, "{text}");
    }
    let deep = "(".repeat(5000);
    assert!(Query::condition(&deep).unwrap_err().to_string().starts_with("more than 1000 numbers"));
    assert!(Query::condition(&deep[..500]).unwrap_err().to_string().starts_with("more than 100 parentheses"));
}

/// Precedence and evaluation, against values by hand.
#[test]
fn queries_are_evaluated_as_in_rust() {
    let sweep = sweep(&["llama-2-7b"], &["h100"], grid("1..=4", "0,100"));
    // Of batch 1, 2, 3, 4, each with past 0 and 100, in bf16 and then in int8.
    for (condition, rows) in [
        ("batch + 1 * 2 == 4", "2:0 2:100 2:0 2:100"),
        ("(batch + 1) * 2 == 4", "1:0 1:100 1:0 1:100"),
        ("batch - 1 - 1 == 1 && past < 50", "3:0 3:0"),
        ("12 / batch / 2 >= 3 && !(past > 0)", "1:0 2:0 1:0 2:0"),
        ("batch == 1 || batch == 2 && past == 100", "1:0 1:100 2:100 1:0 1:100 2:100"),
        ("cache == \"int8\" && batch > 3", "4:0 4:100"),
        ("\"bf16\" != cache && past >= 1e2 && batch <= -1 + 2.0", "1:100"),
        ("(batch == 1) == (past == 0) && cache != 'int8' && batch <= 2", "1:0 2:100"),
        ("bound == \"memory\" && fits && batch != 4 && batch != 3 && batch > 1.5", "2:0 2:100 2:0 2:100"),
        ("fits == false", ""),
    ] {
        let found = lines(&sweep, &[Column::Batch, Column::Past], Some(condition));
        let found: Vec<String> = found.iter().map(|line| line.replace(',', ":")).collect();
        assert_eq!(found.join(" "), rows, "{condition}");
    }
}

#[test]
fn rows_are_what_reports_say() {
    let models = ["llama-3.1-8b", "mixtral-8x7b", "deepseek-v2-lite"];
    let sweep = sweep(&models, &["h100", "l40s"], grid("1,48", "0..=9000:3000"));
    let columns = [Column::Flops, Column::Bytes, Column::CacheBytes, Column::LowerBoundS, Column::Bound];
    let columns = [&columns[..], &[Column::MemoryBytes, Column::Fits]].concat();
    let mut found = lines(&sweep, &columns, None).into_iter();
    assert_eq!(sweep.rows(), 3 * 2 * 2 * 2 * 4);
    for name in models {
        let model = catalogue::find(name).unwrap();
        for cache in ["bf16", "int8"].map(Format::known) {
            let formats = cost_core::cost::Formats { cache: Some(cache), ..Default::default() };
            let options = Options { formats, ..Options::default() };
            for device in devices(&["h100", "l40s"]) {
                for (batch, past) in
                    [1, 48].into_iter().flat_map(|batch| (0..=9000).step_by(3000).map(move |p| (batch, p)))
                {
                    let report =
                        report(&model, &Workload::decode(batch, past), &options, std::slice::from_ref(&device))
                            .unwrap();
                    let line = found.next().unwrap();
                    let fields: Vec<&str> = line.split(',').collect();
                    let number = |i: usize| fields[i].parse::<f64>().unwrap();
                    let near =
                        |i: usize, exact: f64| assert!((number(i) - exact).abs() <= 1e-9 * exact, "{line}: {exact}");
                    near(0, report.flops.total as f64);
                    near(1, report.bytes.total.to_f64());
                    near(2, report.cache.bytes_total.to_f64());
                    near(3, report.hardware[0].lower_bound_s);
                    assert_eq!(fields[4], report.hardware[0].bound);
                    near(5, report.memory.total.to_f64());
                    assert_eq!(fields[6].parse().ok(), report.hardware[0].fits, "{line}");
                }
            }
        }
    }
    assert_eq!(found.next(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Against all rows, sorted.
    #[test]
    fn the_best_rows_are_the_first_of_all(
        count in 1..60_usize, by in prop::sample::select(vec!["lower_bound_s", "intensity", "bytes / batch:low", "past:high"]),
        condition in prop::sample::select(vec![None, Some("batch > 10"), Some("cache == \"int8\" && past > 99")]),
    ) {
        let sweep = sweep(&["llama-3.2-1b", "qwen3-0.6b"], &["h100"], grid("1..=20", "0..=2000:100"));
        let order = Order::parse(by).unwrap();
        let name = by.split(':').next().unwrap();
        let columns = [Column::Model, Column::Cache, Column::Batch, Column::Past, Column::LowerBoundS, Column::Intensity, Column::Bytes];
        let amount = |line: &String| {
            let fields: Vec<&str> = line.split(',').collect();
            let number = |i: usize| fields[i].parse::<f64>().unwrap();
            match name {
                "lower_bound_s" => number(4),
                "intensity" => -number(5),
                "bytes / batch" => number(6) / number(2),
                _ => -number(3),
            }
        };
        let mut all = lines(&sweep, &columns, condition);
        // Rows that are equal stay in order.
        all.sort_by(|a, b| amount(a).total_cmp(&amount(b)));
        let query = condition.map(|text| Query::condition(text).unwrap());
        let best = top(&sweep, count, &order, query.as_ref(), &columns, Watch::NOBODY).unwrap();
        all.truncate(count);
        let text = |line: &String| line.split(',').take(4).collect::<Vec<_>>().join(",");
        prop_assert_eq!(shown(&best).iter().map(text).collect::<Vec<_>>(), all.iter().map(text).collect::<Vec<_>>());
    }
}

/// Against each pair of rows: small fronts, and such that nearly every row is in.
#[test]
fn fronts_are_what_nothing_is_better_than() {
    let sweep = sweep(&["llama-3.2-1b"], &["h100"], grid("1..=60", "0..=4000:50"));
    let columns = [Column::LowerBoundS, Column::TokensPerS, Column::MemoryBytes, Column::Past];
    let all = lines(&sweep, &columns, None);
    let numbers = |line: &String| line.split(',').map(|field| field.parse().unwrap()).collect::<Vec<f64>>();
    let all: Vec<Vec<f64>> = all.iter().map(numbers).collect();
    // What the orders are by, as places in a row and signs.
    for (by, amounts, least) in [
        (&["lower_bound_s", "tokens_per_s"][..], &[(0, 1.0), (1, -1.0)][..], 50),
        (&["memory_bytes", "past:high"], &[(2, 1.0), (3, -1.0)], 50),
        (&["lower_bound_s", "tokens_per_s", "memory_bytes"], &[(0, 1.0), (1, -1.0), (2, 1.0)], 50),
        (&["past:high", "lower_bound_s", "tokens_per_s"], &[(3, -1.0), (0, 1.0), (1, -1.0)], 4500),
        // Nothing cached is infinitely bad, but no reason to be left out.
        (&["lower_bound_s", "tokens_per_s", "1 / past"], &[(0, 1.0), (1, -1.0), (3, -1.0)], 50),
        (
            &["past:high", "lower_bound_s", "memory_bytes", "tokens_per_s"],
            &[(3, -1.0), (0, 1.0), (2, 1.0), (1, -1.0)],
            4500,
        ),
    ] {
        let by: Vec<Order> = by.iter().map(|text| Order::parse(text).unwrap()).collect();
        let front = shown(&pareto(&sweep, &by, None, &columns, Watch::NOBODY).unwrap());
        let of = |row: &Vec<f64>| amounts.iter().map(|(at, sign)| sign * row[*at]).collect::<Vec<_>>();
        let order = |a: &Vec<f64>, b: &Vec<f64>| a.partial_cmp(b).unwrap();
        let mut rows: Vec<Vec<f64>> = all.iter().map(of).collect();
        rows.sort_by(order);
        rows.dedup();
        let as_good = |a: &Vec<f64>, b: &Vec<f64>| a.iter().zip(b).all(|(a, b)| a <= b);
        // Of rows that differ, only an earlier one can be as good.
        let is_best = |i: &usize| !rows[..*i].iter().any(|other| as_good(other, &rows[*i]));
        let expected: Vec<&Vec<f64>> = (0..rows.len()).filter(is_best).map(|i| &rows[i]).collect();
        assert!(expected.len() >= least, "{} of {}", expected.len(), rows.len());
        let found: Vec<Vec<f64>> = front.iter().map(|line| of(&numbers(line))).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn what_a_sweep_lacks_is_named() {
    let plain = sweep(&["llama-2-7b"], &[], grid("1", "1"));
    let said = |result: Result<(), Error>| result.unwrap_err().to_string();
    assert_eq!(said(plain.has(Column::Bound)), "column `bound`: no device is named");
    assert!(!plain.columns().contains(&Column::TokensPerS) && plain.columns().contains(&Column::Flops));
    let own = hardware::parse("[[device]]\nid = \"chip\"\nbf16_tflops = 1\nbandwidth_gb_s = 1\n").unwrap();
    let setting = Setting::new(catalogue::find("llama-2-7b").unwrap(), Options::default()).unwrap();
    let own = Sweep::new(vec![setting.clone()], own, grid("1", "1")).unwrap();
    assert_eq!(said(own.has(Column::Fits)), "column `fits`: the memory of chip is not known");
    let query = Query::condition("hardware == \"chop\"").unwrap();
    assert_eq!(said(own.check(&query)), "column `hardware`: none of the sweep is \"chop\"; did you mean \"chip\"?");
    let none = Sweep::new(vec![setting.clone()], vec![], grid("0..=3", "1"));
    assert_eq!(said(none.map(drop)), "batch: found 0..=3, expected at least 1");
    let large = Sweep::new(vec![setting.clone()], vec![], grid("1", "0..=9007199254740993:3"));
    assert_eq!(said(large.map(drop)), "past: found 0..=9007199254740993:3, expected less than 2^53");
    let many = Sweep::new(vec![setting], vec![], grid("1..=4000000000000000", "0..=4000000000000000"));
    assert_eq!(said(many.map(drop)), "the sweep has more than 2^64 rows");
    let twice = [Column::Batch, Column::Flops, Column::Batch];
    let found = write(&plain, &twice, None, FileFormat::Csv, &mut Vec::new(), Watch::NOBODY);
    assert_eq!(said(found.map(drop)), "column `batch`: named twice");
    let found = top(&plain, 1, &Order::parse("batch").unwrap(), None, &twice, Watch::NOBODY);
    assert_eq!(said(found.map(drop)), "column `batch`: named twice");
}

/// One list of objects says what the lines say, in the same order of columns.
#[test]
fn rows_are_serialised_as_they_are_written() {
    let sweep = sweep(&["llama-2-7b", "qwen3-0.6b"], &["h100", "l4"], grid("1..=3", "0,7"));
    let rows = top(&sweep, 20, &Order::parse("intensity").unwrap(), None, &sweep.columns(), Watch::NOBODY).unwrap();
    let mut lines = Vec::new();
    write_rows(&sweep, rows.clone(), FileFormat::JsonLines, &mut lines).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let list = serde_json::to_string(&rows).unwrap();
    assert_eq!(value(&list), lines.lines().map(value).collect::<serde_json::Value>());
    let names = sweep.columns().into_iter().map(|column| list.find(&format!("\"{}\":", column.name())).unwrap());
    assert!(names.is_sorted());
    assert!(list.contains("\"past\":7,") && !list.contains(".0,"));
}

/// Nothing but the rows up to then is written, and the error says so.
#[test]
fn an_interruption_is_an_error() {
    let sweep = sweep(&["llama-2-7b"], &["h100"], grid("1..=10000", "0..=10000"));
    let watch = Watch { stop: &|| true, ..Watch::NOBODY };
    let mut text = Vec::new();
    let found = write(&sweep, &[Column::Batch], None, FileFormat::Csv, &mut text, watch);
    assert!(matches!(found, Err(Error::Interrupted)), "{found:?}");
    let by = Order::parse("batch").unwrap();
    assert!(matches!(top(&sweep, 3, &by, None, &[Column::Batch], watch), Err(Error::Interrupted)));
}
