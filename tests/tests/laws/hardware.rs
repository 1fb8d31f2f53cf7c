//! Devices: ridge points, what stands in for units that are missing, and devices from a file.

use cost_core::format::Class;
use cost_core::hardware::{self, Hardware, parse};
use cost_core::{Error, nearest};

fn device(name: &str) -> Hardware {
    hardware::find(name).unwrap_or_else(|error| panic!("{error}"))
}

/// Every built-in device, with dense 16-bit TFLOP/s and GB/s: so that none of them changes unseen. Their sources stand in the
/// table itself.
const RIDGES: &[(&str, f64, f64)] = &[
    ("v100_sxm2", 125.0, 900.0),
    ("titan_rtx", 130.0, 672.0),
    ("rtx_2080_ti", 53.8, 616.0),
    ("t4", 65.1, 320.0),
    ("a100_sxm", 312.0, 2039.0),
    ("a100_sxm_40", 312.0, 1555.0),
    ("a100_pcie", 312.0, 1935.0),
    ("a30", 165.0, 933.0),
    ("a40", 149.7, 696.0),
    ("a6000", 154.8, 768.0),
    ("a10", 125.0, 600.0),
    ("a10g", 70.0, 600.0),
    ("rtx_3060", 25.5, 360.0),
    ("rtx_3080", 59.5, 760.0),
    ("rtx_3090", 71.0, 936.0),
    ("rtx_3090_ti", 80.0, 1008.0),
    ("rtx_4060_ti", 44.1, 288.0),
    ("rtx_4080", 97.5, 716.8),
    ("rtx_4090", 165.2, 1008.0),
    ("rtx_5070", 61.7, 672.0),
    ("rtx_5070_ti", 87.9, 896.0),
    ("rtx_5080", 112.6, 960.0),
    ("rtx_5090", 209.5, 1792.0),
    ("gb10", 125.0, 273.0),
    ("rtx_pro_6000_server", 467.8, 1597.0),
    ("rtx_pro_6000_ws", 503.8, 1792.0),
    ("rtx_6000_ada", 364.2, 960.0),
    ("l4", 121.0, 300.0),
    ("l40", 181.05, 864.0),
    ("l40s", 362.05, 864.0),
    ("h100_sxm", 989.4, 3350.0),
    ("h100_pcie", 756.5, 2000.0),
    ("h800_sxm", 989.0, 3350.0),
    ("h20", 148.0, 4000.0),
    ("h200_sxm", 989.4, 4800.0),
    ("b200_sxm", 2250.0, 7672.0),
    ("gb200", 2500.0, 8000.0),
    ("b300_sxm", 2250.0, 7750.0),
    ("gb300", 2500.0, 8000.0),
    ("b60", 98.3, 456.0),
    ("mi210", 181.0, 1638.0),
    ("mi250x", 383.0, 3276.0),
    ("mi300x", 1307.4, 5300.0),
    ("mi300a", 980.6, 5300.0),
    ("mi325x", 1307.4, 6000.0),
    ("mi355x", 2500.0, 8000.0),
    ("rx_7900_xtx", 122.9, 960.0),
    ("gaudi2", 432.0, 2460.0),
    ("gaudi3", 1835.0, 3700.0),
    ("trainium1", 190.0, 820.0),
    ("inferentia2", 190.0, 820.0),
    ("trainium2", 667.0, 2900.0),
    ("tpu_v4", 275.0, 1200.0),
    ("tpu_v5e", 197.0, 819.0),
    ("tpu_v5p", 459.0, 2765.0),
    ("tpu_v6e", 918.0, 1638.0),
    ("tpu_v7", 2307.0, 7380.0),
    ("ai_max_395", 59.4, 256.0),
    ("apple_m1", 2.617, 68.0),
    ("apple_m1_pro", 5.308, 200.0),
    ("apple_m1_max", 10.62, 400.0),
    ("apple_m1_ultra", 21.23, 800.0),
    ("apple_m2", 3.579, 100.0),
    ("apple_m2_pro", 6.8, 200.0),
    ("apple_m2_max", 13.6, 400.0),
    ("apple_m2_ultra", 27.2, 800.0),
    ("apple_m3", 3.58, 100.0),
    ("apple_m3_pro", 6.44, 150.0),
    ("apple_m3_max", 14.32, 400.0),
    ("apple_m3_ultra", 28.6, 819.0),
    ("apple_m4", 4.6, 120.0),
    ("apple_m4_pro", 9.2, 273.0),
    ("apple_m4_max", 18.4, 546.0),
    ("xeon_8480", 114.7, 307.0),
    ("xeon_6980p", 393.2, 845.0),
    ("epyc_9654", 22.7, 460.8),
    ("epyc_9754", 25.4, 460.8),
    ("grace", 31.5, 384.0),
];

#[test]
fn ridge_points() {
    for &(name, tera, bandwidth) in RIDGES {
        let own = device(name);
        assert_eq!(own.id, name);
        assert_eq!((own.figures.bf16, own.figures.bandwidth_gb_s), (Some(tera), Some(bandwidth)), "{name}");
        // FLOP a second over bytes a second.
        let ridge = tera * 1000.0 / bandwidth;
        assert!((own.ridge(Class::F16) - ridge).abs() < 1e-9 * ridge, "{name}: {}", own.ridge(Class::F16));
    }
    let known: Vec<String> = hardware::all().map(|own| own.id.into_owned()).collect();
    assert_eq!(known, RIDGES.iter().map(|(name, ..)| *name).collect::<Vec<_>>());
}

/// A format without units of its own runs at the peak of the one that it is widened to.
#[test]
fn missing_units_are_widened_to() {
    for (name, class, tera) in [
        ("a100", Class::F16, 312.0),
        ("a100", Class::F8, 312.0),
        ("a100", Class::F4, 312.0),
        ("a100", Class::I8, 624.0),
        ("a100", Class::I4, 624.0),
        ("h100", Class::F8, 1978.9),
        ("h100", Class::F4, 1978.9),
        ("h100", Class::I4, 1978.9),
        ("rtx_5090", Class::F4, 1676.0),
        ("v100", Class::I8, 125.0),
    ] {
        assert!((device(name).peak(class) / 1e12 - tera).abs() < 1e-9, "{name} at {}", class.name());
    }
}

/// Nor does a format with units of its own run slower than what it could be widened to.
#[test]
fn slower_units_are_not_used() {
    let text = "[[device]]\nid = \"slow\"\nbandwidth_gb_s = 1.0\nbf16_tflops = 100.0\nfp8_tflops = 60.0\nint4_tops = 30.0\nint8_tops = 200.0\n";
    let slow = &parse(text).unwrap()[0];
    for (class, tera) in [(Class::F16, 100.0), (Class::F8, 100.0), (Class::I8, 200.0), (Class::I4, 200.0)] {
        assert!((slow.peak(class) / 1e12 - tera).abs() < 1e-9, "{}", class.name());
    }
}

#[test]
fn every_device_is_found_by_its_names_and_says_where_it_is_from() {
    for own in hardware::all() {
        for name in own.aliases.iter().chain([&own.id]) {
            assert_eq!(device(name).id, own.id, "{name} is two devices");
        }
        let figures = &own.figures;
        assert!(!own.source.is_empty(), "{}", own.id);
        let sourced = figures.link_domain.is_some() || figures.link_beyond_gb_s.or(figures.link_latency_us).is_some();
        assert!(!sourced || !own.link_source.is_empty(), "{}", own.id);
        assert!(figures.link_domain != Some(0), "{}", own.id);
        assert_eq!(figures.host_gb_s.is_some(), !own.host_source.is_empty(), "{}", own.id);
        for (field, figure) in [
            ("f32", figures.f32),
            ("bf16", figures.bf16),
            ("fp8", figures.fp8),
            ("int8", figures.int8),
            ("fp4", figures.fp4),
            ("int4", figures.int4),
            ("vector", figures.vector),
            ("memory_gb", figures.memory_gb),
            ("bandwidth_gb_s", figures.bandwidth_gb_s),
            ("shared_kib", figures.shared_kib),
            ("l2_mib", figures.l2_mib),
            ("sms", figures.sms),
            ("link_gb_s", figures.link_gb_s),
            ("link_beyond_gb_s", figures.link_beyond_gb_s),
            ("link_latency_us", figures.link_latency_us),
            ("host_gb_s", figures.host_gb_s),
        ] {
            assert!(figure.is_none_or(|figure| figure > 0.0), "{} of {}", field, own.id);
        }
        // A link beyond a domain is no faster than those within, nor any link than memory.
        assert!(figures.link_beyond_gb_s <= figures.link_gb_s, "{}", own.id);
        assert!(figures.link_gb_s <= figures.bandwidth_gb_s, "{}", own.id);
    }
}

#[test]
fn unknown_devices_are_errors_with_the_nearest_name() {
    for (name, near) in [
        ("h10", Some("h100")),
        ("A1000", Some("a100")),
        ("mi300", Some("mi300x")),
        ("apple_m5", Some("apple_m1")),
        ("abacus", None),
    ] {
        let expected = Error::Hardware { name: name.to_owned(), nearest: near.map(str::to_owned) };
        assert_eq!(hardware::find(name), Err(expected), "{name}");
    }
    assert_eq!(nearest("hunderd", ["hundred", "thousand"]), Some("hundred"));
}

#[test]
fn devices_are_read_from_toml() {
    let text = r#"
        [[device]]
        id = "mine"
        aliases = ["my"]
        bf16_tflops = 100
        bandwidth_gb_s = 500.0
        fp8_tflops = 250.5
        vector_tflops = 10.0
        link_gb_s = 50
        link_domain = 8
        link_beyond_gb_s = 12.5
        link_latency_us = 20
        host_gb_s = 32
        source = "measured"
        link_source = "data sheet"

        [[device]]
        id = "yours"
        bf16_tflops = 1.5
        bandwidth_gb_s = 3.0
    "#;
    let found = parse(text).unwrap();
    let [mine, yours] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((mine.id.as_ref(), mine.aliases.len(), mine.name.as_ref()), ("mine", 1, "mine"));
    // 100e12 / 500e9; fp8 has its own peak, int8 runs as bf16.
    assert!((mine.ridge(Class::F16) - 200.0).abs() < 1e-9);
    assert!((mine.ridge(Class::F8) - 501.0).abs() < 1e-9);
    assert!((mine.ridge(Class::I8) - 200.0).abs() < 1e-9);
    assert!((mine.vector_peak() - 10e12).abs() < 1.0);
    assert_eq!((mine.figures.link_gb_s, mine.figures.link_domain), (Some(50.0), Some(8)));
    assert_eq!((mine.figures.link_beyond_gb_s, mine.figures.link_latency_us), (Some(12.5), Some(20.0)));
    assert_eq!(mine.figures.host_gb_s, Some(32.0));
    assert_eq!((mine.source.as_ref(), mine.link_source.as_ref()), ("measured", "data sheet"));
    assert_eq!((yours.figures.link_domain, yours.link_source.as_ref()), (None, ""));
    assert!((yours.ridge(Class::F16) - 500.0).abs() < 1e-9);
    assert!((yours.vector_peak() - 1.5e12).abs() < 1.0);
}

#[test]
fn wrong_device_files_name_the_field() {
    let with = |line: &str| format!("[[device]]\nid = \"mine\"\nbf16_tflops = 1.0\nbandwidth_gb_s = 2.0\n{line}\n");
    for (text, expected) in [
        (String::new(), vec!["missing field `device`"]),
        ("device = []".to_owned(), vec!["[[device]]"]),
        ("[[device]".to_owned(), vec!["line 1"]),
        ("[[device]]\nid = \"mine\"\nbf16_tflops = 1.0".to_owned(), vec!["missing field `bandwidth_gb_s`"]),
        ("[[device]]\nbf16_tflops = 1.0\nbandwidth_gb_s = 2.0".to_owned(), vec!["missing field `id`"]),
        (with("fp8_tflops = -3.0"), vec!["`mine`", "fp8_tflops is -3", "a positive number"]),
        (with("int8_tops = 0"), vec!["`mine`", "int8_tops is 0", "a positive number"]),
        (with("memory_gb = nan"), vec!["`mine`", "memory_gb is NaN", "a positive number"]),
        (with("shared_kib = 0.0"), vec!["`mine`", "shared_kib is 0", "a positive number"]),
        (with("l2_mib = inf"), vec!["`mine`", "l2_mib is inf", "a positive number"]),
        (with("link_gb_s = 0"), vec!["`mine`", "link_gb_s is 0", "a positive number"]),
        (with("link_beyond_gb_s = -1.0"), vec!["`mine`", "link_beyond_gb_s is -1", "a positive number"]),
        (with("link_latency_us = 0"), vec!["`mine`", "link_latency_us is 0", "a positive number"]),
        (with("link_domain = 0"), vec!["`mine`", "link_domain is 0", "a number of devices"]),
        (with("link_domain = -1"), vec!["line 5", "integer `-1`"]),
        (with("link_domain = 1.5"), vec!["line 5", "floating point `1.5`"]),
        (with("fp8_tflops = \"fast\""), vec!["line 5", "string \"fast\""]),
        (with("fp8_tlops = 1.0"), vec!["line 5", "unknown field `fp8_tlops`", "`fp8_tflops`"]),
        (with("id = \"again\""), vec!["line 5", "duplicate key"]),
    ] {
        let error = parse(&text).expect_err(&text).to_string();
        for part in expected {
            assert!(error.contains(part), "{text}\ngave\n{error}\nwithout {part}");
        }
    }
}
