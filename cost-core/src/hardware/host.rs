//! The links of devices to their hosts.

/// Devices, GB/s in each direction, and where that is from.
///
/// PCI Express: 8, 16 and 32 GT/s for each lane of generations 3, 4 and 5, of which 128 bits of 130 are data (PCI Express
/// Base Specification 5.0, section 4.2), so 15.75, 31.5 and 63 GB/s over 16 lanes before what packets take.
const LINKS: &[(&[&str], f64, &str)] = &[
    (
        &["v100_sxm2", "titan_rtx", "rtx_2080_ti", "t4"],
        15.75,
        "PCIe 3.0 x16 (NVIDIA's Volta and Turing architecture white papers)",
    ),
    (&["rtx_4060_ti"], 15.75, "PCIe 4.0 x8 (sysrqmts.com RTX 4060 Ti 16 GB)"),
    (
        &[
            "a100_sxm",
            "a100_sxm_40",
            "a100_pcie",
            "a30",
            "a40",
            "a6000",
            "a10",
            "a10g",
            "rtx_3060",
            "rtx_3080",
            "rtx_3090",
            "rtx_3090_ti",
            "rtx_4080",
            "rtx_4090",
            "rtx_6000_ada",
            "l4",
            "l40",
            "l40s",
            "rx_7900_xtx",
            "mi250x",
            "mi210",
        ],
        31.5,
        "PCIe 4.0 x16 (NVIDIA's Ampere and Ada, AMD's RDNA 3 and CDNA 2 white papers)",
    ),
    (
        &[
            "h100_sxm",
            "h100_pcie",
            "h200_sxm",
            "h20",
            "h800_sxm",
            "b200_sxm",
            "rtx_5070",
            "rtx_5070_ti",
            "rtx_5080",
            "rtx_5090",
            "rtx_pro_6000_server",
            "rtx_pro_6000_ws",
            "mi300x",
            "mi325x",
            "mi355x",
            "gaudi3",
        ],
        63.0,
        "PCIe 5.0 x16 (NVIDIA's Hopper and Blackwell architecture white papers; AMD's CDNA 3 and 4 white papers)",
    ),
    (
        &["gb200", "gb300"],
        450.0,
        "developer.nvidia.com/blog/nvidia-grace-cpu-superchip-architecture-in-depth (NVLink-C2C, 900 GB/s both ways)",
    ),
];

/// The link of a built-in device to its host, if it is known: GB/s in each direction, and where that is from.
pub(super) fn link(id: &str) -> Option<(f64, &'static str)> {
    LINKS.iter().find(|(ids, ..)| ids.contains(&id)).map(|(_, speed, source)| (*speed, *source))
}
