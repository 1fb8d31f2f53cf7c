//! Small languages: device files, requests, trees, conditions, formats and ranges, by their grammars.

use cost_core::format::Format;
use cost_core::hardware;
use cost_core::random::Random;
use cost_core::{Options, hardware::Hardware};
use cost_models::decode::batching::{Policy, batching, from_csv};
use cost_models::decode::speculative::{Draft, Tree, speculation};
use cost_models::decode::{Deployment, Task};
use cost_models::sweep::{self, Axis, Column, FileFormat, Grid, Order, Query, Setting, Sweep, Watch};
use cost_models::{Logits, Model, Phase};

use super::pick::{self, below, one, one_in};
use super::{bytes, evaluate};

fn small() -> Model {
    let config = r#"{"model_type": "llama", "hidden_size": 256, "intermediate_size": 512, "num_attention_heads": 4,
        "num_key_value_heads": 2, "num_hidden_layers": 2, "vocab_size": 512}"#;
    Model::from_config("small", config).expect("a config that is right")
}

fn deployment() -> Deployment {
    Deployment::new(small(), Options::default(), hardware::find("h100").expect("a built-in device"))
}

/// A text made by a grammar, or one of the corpus, and some of its bytes changed.
fn text(random: &mut Random, seeds: &[Vec<u8>], made: impl FnOnce(&mut Random) -> String) -> Vec<u8> {
    match seeds.get(below(random, seeds.len() * 4)) {
        Some(seed) => bytes::mutate(random, seed.clone()),
        None => {
            let made = made(random).into_bytes();
            bytes::sometimes(random, 4, made)
        }
    }
}

const FIGURES: [&str; 17] = [
    "bf16_tflops",
    "bandwidth_gb_s",
    "f32_tflops",
    "fp8_tflops",
    "int8_tops",
    "fp4_tflops",
    "int4_tops",
    "vector_tflops",
    "memory_gb",
    "shared_kib",
    "l2_mib",
    "sms",
    "link_gb_s",
    "link_beyond_gb_s",
    "link_latency_us",
    "link_domain",
    "year",
];

pub(super) fn device(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    text(random, seeds, |random| {
        let mut file = String::new();
        for i in 0..=pick::count(random, 3000) {
            file += "[[device]]\n";
            let id = if one_in(random, 30) { pick::text(random) } else { format!("d{i}") };
            file += &format!("id = {}\n", serde_json::Value::from(id));
            for figure in &FIGURES {
                if !one_in(random, 60) && (*figure == "bf16_tflops" || *figure == "bandwidth_gb_s" || one_in(random, 3))
                {
                    let value = match random.below(24) {
                        0 => pick::number(random),
                        1 => (*one(random, &["1e-9", "1e12", "1e-10", "2e12", "1e308", "5e-324"])).to_owned(),
                        _ if *figure == "year" => "2026".to_owned(),
                        _ if *figure == "link_domain" => random.below(100).to_string(),
                        _ => format!("{:e}", random.unit() * 1e4),
                    };
                    file += &format!("{figure} = {value}\n");
                }
            }
            if one_in(random, 20) {
                let text = serde_json::Value::from(pick::text(random));
                file +=
                    &format!("{} = {text}\n", one(random, &["name", "note", "source", "link_source", "aliases", "x"]));
            }
        }
        file
    })
}

pub(super) fn run_device(input: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(input) else { return false };
    match hardware::parse(text) {
        Ok(devices) => {
            let some: Vec<Hardware> = devices.into_iter().take(3).collect();
            evaluate::on(&small(), &some, &mut evaluate::choices(input));
            true
        }
        Err(error) => evaluate::refused(&error),
    }
}

pub(super) fn request(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    text(random, seeds, |random| {
        let mut columns = vec!["prompt", "output"];
        if one_in(random, 2) {
            columns.insert(below(random, 3), "arrival");
        }
        if one_in(random, 20) {
            columns.push(one::<&str>(random, &["prompt", "x", ""]));
        }
        let mut table = columns.join(",") + "\n";
        for _ in 0..pick::count(random, 50_000) {
            let cells = columns.iter().map(|column| match *column {
                "arrival" if !one_in(random, 6) => format!("{:.3}", random.unit() * 10.0),
                _ if one_in(random, 40) => pick::number(random),
                _ => (1 + random.below(200)).to_string(),
            });
            table += &(cells.collect::<Vec<_>>().join(",") + "\n");
        }
        table
    })
}

pub(super) fn run_request(input: &[u8]) -> bool {
    /// As many tokens are costed as take a moment.
    const MOST: u64 = 100_000;
    let Ok(text) = core::str::from_utf8(input) else { return false };
    let deployment = deployment();
    let requests = match from_csv(text, deployment.model()) {
        Ok(requests) => requests,
        Err(error) => return evaluate::refused(&error),
    };
    let mut random = evaluate::choices(input);
    let slots = *one(&mut random, &[1, 3, 16, u64::MAX]);
    let budget = *one(&mut random, &[16, 512, u64::MAX]);
    let all = requests.iter().fold(0, |sum: u64, it| sum.saturating_add(it.output).saturating_add(it.prompt / budget));
    if all <= MOST || all > 1 << 30 {
        let policy = *one(&mut random, &[Policy::Static, Policy::Continuous, Policy::Chunked { budget }]);
        match batching(&deployment, &requests, slots, policy, &mut |_| ()) {
            Ok(found) => assert!(found.seconds >= 0.0 && found.utilisation <= 1.0 + 1e-9, "{found:?}"),
            Err(error) => drop(evaluate::refused(&error)),
        }
    }
    let block = *one(&mut random, &[1, 16, 1 << 40, u64::MAX]);
    let longest = *one(&mut random, &[4096, 1 << 41, u64::MAX]);
    if let Err(error) = cost_models::decode::paged::paged(&deployment, &requests, block, longest, random.below(3)) {
        evaluate::refused(&error);
    }
    true
}

pub(super) fn tree(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    text(random, seeds, |random| {
        let mut table = "node,parent,acceptance\n".to_owned();
        let (nodes, chain) = (1 + pick::count(random, 40_000), one_in(random, 2));
        for node in 0..nodes {
            let parent = if chain { node.checked_sub(1) } else { below(random, node + 1).checked_sub(1) };
            let parent = parent.map_or_else(String::new, |parent| format!("n{parent}"));
            let acceptance = match random.below(60) {
                0 => pick::number(random),
                1..=5 if chain => "1".to_owned(),
                _ => format!("{:.4}", random.unit() / if chain { 1.0 } else { 8.0 }),
            };
            table += &format!("n{node},{parent},{acceptance}\n");
        }
        table
    })
}

pub(super) fn run_tree(input: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(input) else { return false };
    let tree = match Tree::from_csv(text) {
        Ok(tree) => tree,
        Err(error) => return evaluate::refused(&error),
    };
    let mut random = evaluate::choices(input);
    let (target, draft) = (deployment(), deployment());
    let task =
        Task { sequences: *one(&mut random, &[1, 7, 1 << 31, u64::MAX]), prompt: 16, output: 1 + random.below(60) };
    match speculation(&target, &Draft::Model(&draft), &task, &tree, 2.0) {
        Ok(found) => assert!(found.tokens_per_round >= 1.0 - 1e-9, "{} tokens a round", found.tokens_per_round),
        Err(error) => drop(evaluate::refused(&error)),
    }
    true
}

/// A condition that is right.
fn right(random: &mut Random, depth: u32) -> String {
    let number = |random: &mut Random| match random.below(3) {
        0 => one(random, &["batch", "past", "tokens", "lower_bound_s", "flops", "bytes"]).to_string(),
        1 => format!(
            "({} {} {})",
            random.below(100),
            one(random, &["+", "-", "*", "/"]),
            one(random, &["batch", "0", "1e308"])
        ),
        _ => format!("{:e}", random.unit() * 1e12),
    };
    match random.below(if depth > 5 { 2 } else { 6 }) {
        0 => format!("{} {} {}", number(random), one(random, &["<", "<=", ">", ">=", "==", "!="]), number(random)),
        1 => format!("bound {} \"{}\"", one(random, &["==", "!="]), one(random, &["memory", "compute"])),
        2 => format!("!({})", right(random, depth + 1)),
        _ => format!("({} {} {})", right(random, depth + 1), one(random, &["&&", "||"]), right(random, depth + 1)),
    }
}

/// An expression of a condition.
fn expression(random: &mut Random, depth: u32) -> String {
    const BINARY: [&str; 14] = ["==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "/", "=", "&"];
    if depth > 6 || one_in(random, 3) {
        return match random.below(6) {
            0 => pick::number(random),
            1 => format!(
                "{}{}{}",
                one(random, &["\"", "'"]),
                one(random, &["memory", "small", "h100_sxm", "x"]),
                one(random, &["\"", "'"])
            ),
            2 => (*one(random, &["true", "false"])).to_owned(),
            3 => pick::text(random),
            _ => one(random, Column::ALL).name().to_owned(),
        };
    }
    match random.below(8) {
        0 => format!("!{}", expression(random, depth + 1)),
        1 => format!("-{}", expression(random, depth + 1)),
        2 => format!("({})", expression(random, depth + 1)),
        3 => {
            let times = pick::count(random, 30_000);
            format!("{}{}{}", "(".repeat(times), expression(random, depth + 1), ")".repeat(times))
        }
        _ => {
            let op = *one(random, &BINARY);
            format!("{} {op} {}", expression(random, depth + 1), expression(random, depth + 1))
        }
    }
}

pub(super) fn condition(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    text(random, seeds, |random| {
        let spaces = if one_in(random, 10) { pick::count(random, 100_000) } else { 0 };
        let text = if one_in(random, 2) { right(random, 0) } else { expression(random, 0) };
        " ".repeat(spaces) + &text
    })
}

pub(super) fn run_condition(input: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(input) else { return false };
    let axis = |text: &str| text.parse::<Axis>().expect("an axis");
    let grid = Grid {
        phase: Phase::Decode,
        logits: Logits::Last,
        batch: axis("1,64"),
        tokens: axis("1"),
        past: axis("0..=4096:1024"),
    };
    let device = hardware::find("h100").expect("a built-in device");
    let setting = Setting::new(small(), Options::default()).expect("a setting");
    let sweep = Sweep::new(vec![setting], vec![device], grid).expect("a sweep");
    let orders = Order::parse(text).map(|order| sweep::top(&sweep, 2, &order, None, &sweep.columns(), Watch::NOBODY));
    if let Err(error) = orders.and_then(|rows| rows) {
        evaluate::refused(&error);
    }
    let query = match Query::condition(text) {
        Ok(query) => query,
        Err(error) => return evaluate::refused(&error),
    };
    let mut rows = Vec::new();
    match sweep::write(&sweep, &sweep.columns(), Some(&query), FileFormat::Csv, &mut rows, Watch::NOBODY) {
        Ok(count) => assert!(count <= sweep.rows(), "{count} rows"),
        Err(error) => drop(evaluate::refused(&error)),
    }
    true
}

pub(super) fn format(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    const PARTS: [&str; 30] = [
        "bf16",
        "f16",
        "f32",
        "fp8",
        "int8",
        "int4",
        "int3",
        "int2",
        "nf4",
        "fp4",
        "mxfp4",
        "nvfp4",
        "q4_k",
        "iq3_xxs",
        "q8_0",
        "e8m0",
        "g128",
        "g0",
        "g65536",
        "g65537",
        "b128x128",
        "b1x1",
        "b0x1",
        "b4294967295x4294967295",
        "row",
        "tensor",
        "g64",
        "",
        "u8",
        "g18446744073709551615",
    ];
    text(random, seeds, |random| {
        if one_in(random, 2) {
            return right_format(random);
        }
        let parts = (0..=random.below(6)).map(|_| (*one(random, &PARTS)).to_owned());
        let joined = parts.collect::<Vec<_>>().join(":");
        if one_in(random, 30) { joined.repeat(pick::count(random, 50_000)) } else { joined }
    })
}

/// A format that is right.
fn right_format(random: &mut Random) -> String {
    let group = match random.below(4) {
        0 => "row".to_owned(),
        1 => "tensor".to_owned(),
        2 => format!("b{}x{}", 1 << random.below(17), 1 << random.below(17)),
        _ => format!("g{}", 1 + random.below(65_536)),
    };
    let (base, scale) =
        (*one(random, &["int8", "int4", "fp8", "nf4", "int3"]), *one(random, &["f16", "f32", "bf16", "fp8", "e8m0"]));
    match random.below(4) {
        0 => base.to_owned(),
        1 => format!("{base}:{group}:{scale}:{}", one(random, &["int4", "int8"])),
        2 => format!("{base}:{group}:int8:g{}:f32", 1 + random.below(1000)),
        _ => format!("{base}:{group}:{scale}"),
    }
}

pub(super) fn run_format(input: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(input) else { return false };
    let format = match text.parse::<Format>() {
        Ok(format) => format,
        Err(error) => return evaluate::refused(&error),
    };
    assert_eq!(format.to_string().parse::<Format>().ok(), Some(format), "{format} is read as it is shown");
    let mut random = evaluate::choices(input);
    for _ in 0..8 {
        let (rows, row) = (u128::from(pick::size(&mut random)), u128::from(pick::size(&mut random)));
        format.bits(rows, row);
    }
    let model = small();
    let mut formats = model.formats().clone().with_weights(format);
    (formats.acts, formats.cache) = (Some(format), Some(format));
    evaluate::model(&model.stored(formats), &mut random);
    true
}

pub(super) fn range(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    text(random, seeds, |random| {
        let part = |random: &mut Random| {
            let number = |random: &mut Random| {
                if one_in(random, 30) { pick::number(random) } else { pick::size(random).to_string() }
            };
            let (first, more) = (pick::size(random) >> 1, pick::size(random) >> 1);
            let (first, last) = if one_in(random, 12) {
                (number(random), number(random))
            } else {
                (first.to_string(), (first + more).to_string())
            };
            match random.below(6) {
                0 => first,
                1 => format!("{first}..{last}"),
                2 => format!("{first}..={last}:{}", number(random)),
                3 => format!("{first}..={last}:*{}", number(random)),
                4 => format!("{}..={}:{}", random.below(100), 100 + random.below(10_000), 1 + random.below(50)),
                _ => format!("{first}..={last}"),
            }
        };
        let parts: Vec<String> = (0..=pick::count(random, 20_000)).map(|_| part(random)).collect();
        parts.join(",")
    })
}

pub(super) fn run_range(input: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(input) else { return false };
    let axis = match text.parse::<Axis>() {
        Ok(axis) => axis,
        Err(error) => return evaluate::refused(&error),
    };
    let again = axis.to_string();
    assert_eq!(again.parse::<Axis>().map_err(|error| error.to_string()), Ok(axis.clone()), "as it is shown");
    let first: Vec<u64> = axis.from(0).take(100).collect();
    assert_eq!(first.len() as u64, axis.len().min(100), "as many as there are");
    assert!(first.iter().all(|value| (axis.smallest()..=axis.largest()).contains(value)), "between the ends");
    let last = axis.from(axis.len() - 1).next();
    assert!(axis.len() == u64::MAX || last.is_some(), "a last value");
    let one = Axis::one(1);
    let grids =
        [(axis.clone(), one.clone(), one.clone()), (one.clone(), axis.clone(), one.clone()), (one.clone(), one, axis)];
    let (batch, tokens, past) = pick::one(&mut evaluate::choices(input), &grids).clone();
    let grid = Grid { phase: Phase::Decode, logits: Logits::Last, batch, tokens, past };
    let setting = Setting::new(small(), Options::default()).expect("a setting");
    match Sweep::new(vec![setting], Vec::new(), grid) {
        Ok(sweep) if sweep.rows() <= 50_000 => {
            let mut rows = Vec::new();
            let written = sweep::write(&sweep, &sweep.columns(), None, FileFormat::Csv, &mut rows, Watch::NOBODY);
            match written {
                Ok(count) => assert_eq!(count, sweep.rows(), "all rows"),
                Err(error) => drop(evaluate::refused(&error)),
            }
        }
        Ok(_) => {}
        Err(error) => drop(evaluate::refused(&error)),
    }
    true
}
