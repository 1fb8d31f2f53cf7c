//! Devices: ridge points, what stands in for units that are missing, and devices from a file.

use cost_core::format::Class;
use cost_core::hardware::{self, Hardware, parse};
use cost_core::{Error, nearest};

fn device(name: &str) -> Hardware {
    hardware::find(name).unwrap_or_else(|error| panic!("{error}"))
}

/// Dense bf16 TFLOP/s over TB/s, by hand from the figures that the table cites.
#[test]
fn ridge_points() {
    for (name, ridge) in [
        // 989.4 / 3.35, 312 / 2.039, 148 / 4.0
        ("h100", "295.34"),
        ("h100_sxm", "295.34"),
        ("a100", "153.02"),
        ("a100_sxm", "153.02"),
        ("h20", "37.00"),
        // 125 / 0.9, 130 / 0.672 (002-gpus)
        ("v100", "138.89"),
        ("titan_rtx", "193.45"),
        // 312 / 1.935, 312 / 1.555, 756.5 / 2.0, 989.4 / 4.8
        ("a100_pcie", "161.24"),
        ("a100_sxm_40", "200.64"),
        ("h100_pcie", "378.25"),
        ("h200_sxm", "206.12"),
        // 209.5 / 1.792, 165.2 / 1.008, 1307.4 / 5.3, 2250 / 7.672
        ("rtx_5090", "116.91"),
        ("rtx_4090", "163.89"),
        ("mi300x", "246.68"),
        ("b200_sxm", "293.27"),
    ] {
        assert_eq!(format!("{:.2}", device(name).ridge(Class::F16)), ridge, "{name}");
    }
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
        assert!(!own.source.is_empty(), "{}", own.id);
        assert!(own.peak(Class::F16) > 0.0 && own.bandwidth() > 0.0, "{}", own.id);
    }
}

#[test]
fn unknown_devices_are_errors_with_the_nearest_name() {
    for (name, near) in [("h10", Some("h100")), ("A10", Some("a100")), ("mi300", Some("mi300x")), ("abacus", None)] {
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
