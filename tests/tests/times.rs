//! Constants of devices: what is fitted, what is refused, and what is predicted.

use core::fmt::Write;

use cost_core::Operator;
use cost_core::cost::{Options, Work};
use cost_core::format::Class;
use cost_core::hardware::{self, Hardware};
use cost_core::time::{self, Constants, Features};
use cost_macros::cost;
use cost_models::ops::{Attention, GqaAttention, Linear, MlaAbsorbedAttention, MlaPlainAttention, RmsNorm, SwiGlu};
use cost_times::{Answer, Rows, Source, fit, read};

fn device(name: &str) -> Hardware {
    hardware::find(name).unwrap()
}

fn rows(text: &str, source: Source) -> Result<Rows, String> {
    read(text, source, &device("h100"), &|_| Ok(None)).map_err(|error| error.to_string())
}

fn found(text: &str) -> Result<Answer, String> {
    fit(&rows(text, Source::Own)?, &device("h100"), "test").map_err(|error| error.to_string())
}

/// What a user might write: attention in their own words.
#[cost(causal(s, t))]
fn MyAttention<b, s, t, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    dot::<t>(softmax::<t>(dot::<k>(q, keys) * 0.5), values)
}

/// Two projections whose product isn't stored: no softmax between them.
#[cost]
fn TwoProducts<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, s, d> {
    dot::<f>(relu(dot::<d>(x, up)), down)
}

#[test]
fn classes_are_read_off_bodies() {
    fn check<O: Operator>(op: &O, expected: &[(Work, u128, u128, u128)]) {
        let kernels = op.kernels(&Options::default()).unwrap();
        let found: Vec<_> =
            kernels.iter().map(|it| (it.shaped.work, it.shaped.depth, it.shaped.units, it.shaped.width)).collect();
        assert_eq!(found, expected, "{}", O::OP.name);
    }
    check(&Linear { b: 2, s: 3, d: 64, f: 32 }, &[(Work::Gemm, 64, 64, 0)]);
    check(&TwoProducts { b: 2, s: 3, d: 64, f: 32 }, &[(Work::Gemm, 64, 64, 0)]);
    check(&RmsNorm { b: 2, s: 3, d: 64 }, &[(Work::Other, 0, 0, 0)]);
    let (b, n, g, k) = (2, 4, 8, 128);
    // Two sequences of four key/value heads, 100 keys.
    check(&GqaAttention { b, s: 1, t: 100, n, g, k }, &[(Work::AttentionDecode, 100, 8, 128)]);
    check(&MyAttention { b, s: 1, t: 100, n, g, k }, &[(Work::AttentionDecode, 100, 8, 128)]);
    // Times eight query heads each.
    check(&MyAttention { b, s: 7, t: 100, n, g, k }, &[(Work::AttentionPrefill, 100, 64, 128)]);
    let windowed = Attention { b, s: 1, t: 100, w: 16, n, g, k, h: k, capped: 0, sinks: 1 };
    check(&windowed, &[(Work::AttentionDecode, 16, 8, 128)]);
    check(&MlaAbsorbedAttention { b, s: 1, t: 9, h: 16, c: 512, p: 64 }, &[(Work::LatentDecode, 9, 2, 512)]);
    check(&MlaPlainAttention { b, s: 9, t: 9, h: 16, k: 128, v: 128, p: 64 }, &[(Work::LatentPrefill, 9, 32, 128)]);
    check(&SwiGlu { b, s: 3, d: 64, f: 32 }, &[(Work::Gemm, 64, 64, 0), (Work::Gemm, 32, 32, 0)]);
}

/// Rows of a device that takes exactly as long as a formula says.
fn made(constants: &Constants, shapes: usize) -> String {
    let h100 = device("h100");
    let mut text = String::from("operator,at,us,engine\n");
    for i in 0..shapes {
        let [m, n, k] = [1_u64 << (i % 13), 1024 + 512 * (i as u64 % 7), 512 + 640 * (i as u64 % 11)];
        let op = Linear { b: 1, s: m, d: k, f: n };
        let kernel = &op.kernels(&Options::default()).unwrap()[0];
        let of = Features::of(kernel, &h100).unwrap();
        let us = constants.seconds(of.compute, of.memory, of.shape) * 1e6;
        writeln!(text, "Linear,b=1 s={m} d={k} f={n},{us},made").unwrap();
    }
    text
}

const MADE: Constants =
    Constants { launch: 3e-6, compute: 0.7, memory: 0.9, blend: 4, depth: 4e-6, half: 1500.0, unit: 1e-10, width: 0.0 };

#[test]
fn a_formula_is_found_again() {
    let answer = found(&made(&MADE, 300)).unwrap();
    let entry = answer.times.entry("any", Work::Gemm, Class::F16).unwrap();
    // The search stops near the least, and what differs is what the rows hardly tell apart.
    assert!(entry.quality.mape < 0.02, "{entry:?}");
    assert!((entry.constants.compute / 0.7 - 1.0).abs() < 0.05, "{entry:?}");
    assert!((entry.constants.memory / 0.9 - 1.0).abs() < 0.05, "{entry:?}");
    assert!(entry.quality.coverage > 0.7, "{entry:?}");
    assert_eq!(answer.faster_rows, 0);
}

#[test]
fn the_order_of_rows_changes_no_digit() {
    let text = made(&MADE, 120);
    let mut lines: Vec<&str> = text.lines().collect();
    let first = found(&text).unwrap().times;
    lines[1..].reverse();
    let other = found(&lines.join("\n")).unwrap().times;
    assert_eq!(first, other);
    assert_eq!(time::text(&first, ""), time::text(&other, ""));
}

#[test]
fn few_rows_have_shape_terms_of_others() {
    let answer = found(&made(&MADE, 20)).unwrap();
    assert!(answer.groups[0].borrowed, "{:?}", answer.groups);
    let mut h100 = device("h100");
    h100.read_times();
    let shipped = h100.times.unwrap();
    let all: Vec<f64> = time::devices()
        .map(|id| time::shipped(id).unwrap().unwrap().entry("any", Work::Gemm, Class::F16).unwrap().constants.half)
        .collect();
    assert!(all.contains(&answer.groups[0].constants.half));
    assert!(shipped.entries.len() > 10);
    let own = found(&made(&MADE, 40)).unwrap();
    assert!(!own.groups[0].borrowed);
}

#[test]
fn bad_rows_are_refused_with_their_line() {
    let row = |at: &str, us: &str| format!("operator,at,us\nLinear,b=1 s=1 d=8 f=8,5\nLinear,{at},{us}\n");
    let good = "b=1 s=1 d=8 f=8";
    let seven: String = made(&MADE, 7);
    let alike = "operator,at,us\n".to_owned() + &"Linear,b=1 s=1 d=8 f=8,5\n".repeat(40);
    for (text, expected) in [
        (row(good, "-1"), "line 3: us: found `-1`; expected a positive number of microseconds, without a unit"),
        (row(good, "0"), "line 3: us: found `0`; expected a positive number of microseconds, without a unit"),
        (row(good, "NaN"), "line 3: us: found `NaN`; expected a positive number"),
        (row(good, "5ms"), "line 3: us: found `5ms`; expected a positive number of microseconds, without a unit"),
        (row("b=1 s=1 q=8 f=8", "5"), "line 3: Linear has no axis `q`; expected b, s, d, f"),
        (row("b=1 s=1 d=8", "5"), "line 3: found no size for f of Linear; expected one for each axis"),
        (row("b=1 s=1 d=8 d=8 f=8", "5"), "line 3: d: found twice; expected one size"),
        (row("b=1 s=x d=8 f=8", "5"), "line 3: s: found `x`; expected a whole number"),
        (row("8 8 8", "5"), "line 3: at: found `8`; expected NAME=VALUE"),
        (
            "operator,at,ms\nLinear,b=1,5\n".into(),
            "line 1: found a column ms; expected times in microseconds, in one column us",
        ),
        ("operator,at\nLinear,b=1\n".into(), "line 2: found no column us; expected it"),
        ("operator,at,us\nLiner,b=1,5\n".into(), "did you mean `Linear`?"),
        (
            "operator,at,us,cache\nLinear,b=1 s=1 d=8 f=8,5,hot\n".into(),
            "line 2: cache: found `hot`; expected warm or cold",
        ),
        ("operator,at,us\n".into(), "found no row of h100_sxm (0 of other devices); expected at least 8"),
        (seven, "gemm in bf16: found 7 rows of 7 shapes; expected at least 8 of each"),
        (alike, "gemm in bf16: found 40 rows of 1 shapes; expected at least 8 of each"),
        ("operator,at,us\nall_reduce,ranks=1 bytes=8,5\n".into(), "line 2: ranks: found 1; expected at least 2"),
        (
            "operator,at,us\nall_reduce,ranks=2 size=8,5\n".into(),
            "line 2: all_reduce has no axis `size`; expected ranks and bytes",
        ),
    ] {
        let error = found(&text).expect_err(expected);
        assert!(error.contains(expected), "{error}\nexpected {expected}");
    }
}

#[test]
fn columns_of_others_say_the_same() {
    let cases = [
        (
            Source::AiConfigurator,
            "framework,version,device,op_name,kernel_source,gemm_dtype,m,n,k,latency\n\
             TRTLLM,1.0,NVIDIA H100,gemm,torch_flow,bfloat16,8,16,32,0.0075\n",
            Work::Gemm,
        ),
        (
            Source::AiConfigurator,
            "framework,version,device,op_name,kernel_source,batch_size,isl,num_heads,num_key_value_heads,head_dim,beam_width,\
             attn_dtype,kv_cache_dtype,step,latency\nVLLM,0.14,H100,generation_attention,fa3,4,1,32,8,128,1,bfloat16,bfloat16,99,0.0075\n",
            Work::AttentionDecode,
        ),
        (
            Source::Vidur,
            "n_embd,n_q_head,n_kv_head,block_size,num_tensor_parallel_workers,max_model_len,batch_size,prefill_chunk_size,\
             kv_cache_size,is_prefill,attention_backend,time_stats.attn_prefill.median,time_stats.attn_decode.median\n\
             4096,32,8,16,2,4096,3,0,95,False,AttentionBackend.FLASH_ATTENTION,,0.0075\n",
            Work::AttentionDecode,
        ),
    ];
    for (source, text, work) in cases {
        let rows = rows(text, source).unwrap();
        assert_eq!(rows.kernels[0].work, work);
        assert!((rows.kernels[0].seconds - 7.5e-6).abs() < 1e-12);
    }
    let printed = "# nccl-tests\n# all_reduce_perf -b 8\n#  Rank  0 Group  0 Pid 1 on a device  0 [0x1a] A100\n\
                   #  Rank  1 Group  0 Pid 2 on a device  1 [0x1b] A100\n\
                   #       size         count      type   redop    root     time   algbw   busbw #wrong\n\
                   1048576        262144     float     sum      -1    32.45    0.00    0.00      0    31.89    0.00    0.00      0\n";
    let exchanges = rows(printed, Source::NcclTests).unwrap().exchanges;
    assert_eq!((exchanges[0].kind.as_str(), exchanges[0].ranks, exchanges[0].bytes), ("all_reduce", 2, 1 << 20));
    let text = "gpu,backend,version,kernel,dtype,m,n,k,us,note\nh100_sxm,vllm,0,x,bfloat16,1,8,8,5,\na100_sxm,vllm,0,x,bfloat16,1,8,8,5,\n\
                h100_sxm,vllm,0,x,bfloat16,1,8,8,5,w8a8\n";
    let rows = rows(text, Source::AiConfigurator).unwrap();
    assert_eq!((rows.kernels.len(), rows.elsewhere, rows.noted["w8a8"]), (1, 1, 1));
}

/// Shipped constants are read, and no prediction is below its bound.
#[test]
fn shipped_constants_are_sound() {
    for id in time::devices() {
        let times = time::shipped(id).unwrap().unwrap();
        assert_eq!(times.device, id);
        assert!(times.source.contains("Apache-2.0"), "{id}");
        assert_eq!(time::parse(&time::text(&times, "")).unwrap(), times, "{id}");
        for work in [Work::Gemm, Work::AttentionDecode, Work::AttentionPrefill, Work::Experts, Work::LatentDecode] {
            let entry = times.entry("any", work, Class::F16).unwrap_or_else(|| panic!("{id} {work:?}"));
            assert!((0.7..=0.9).contains(&entry.quality.coverage), "{id} {work:?} {:?}", entry.quality);
            let bound = Features {
                work,
                class: Class::F16,
                compute: 1e-3,
                memory: 2e-3,
                shape: [1.0, 1.0, 1.0],
                flops: 1.0,
                bytes: 1.0,
            };
            let time = entry.time(&bound);
            assert!(
                time.seconds >= 2e-3 && time.low <= time.seconds && time.seconds <= time.high,
                "{id} {work:?} {time:?}"
            );
        }
        for kind in ["all_reduce", "all_gather", "reduce_scatter", "all_to_all"] {
            assert!(times.exchange(kind).unwrap().mape <= 0.17, "{id} {kind}");
        }
    }
}
