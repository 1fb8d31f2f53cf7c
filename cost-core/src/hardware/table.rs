//! The built-in devices: vendors' dense peaks, with their sources.

use super::{Figures, Row};

macro_rules! devices {
    ($($id:literal [$($alias:literal)*] $name:literal $year:literal { $($figure:ident: $value:literal,)* } $source:literal, $note:literal $(, links $links:literal)?;)*) => {
        /// Every built-in device, oldest family first.
        pub(super) const DEVICES: &[Row] = &[$(Row {
            id: $id,
            aliases: &[$($alias),*],
            name: $name,
            year: $year,
            figures: Figures { $($figure: Some($value),)* ..Figures::NONE },
            source: $source,
            note: $note,
            link_source: concat!($($links)?),
        },)*];
    };
}

// Peaks in dense TFLOP/s (TOP/s for integers), memory in GB, bandwidth in GB/s, L2 in MiB, links in GB/s per direction
// (vendors mostly quote both directions together), latencies in microseconds.
// Shared memory that one thread block can take, in KiB, is that of the architecture: NVIDIA's tuning guides for Volta,
// Turing, Ampere, Ada, Hopper and Blackwell; AMD's CDNA 2, 3 and 4 instruction set guides (LDS of a compute unit).
devices! {
    "v100_sxm2" ["v100"] "V100 SXM2 (fp16 only: no bf16)" 2017 {
        bf16: 125.0, memory_gb: 32.0, bandwidth_gb_s: 900.0, shared_kib: 96.0, l2_mib: 6.0, sms: 80.0,
    } "winston-zhang-orz/gpu-specs specs.md (SXM2 125, PCIe 112, V100S 130 TF); techrival.com V100 table (900 GB/s class HBM2, L2 6144 KB, 80 SM); lambdabrendan gpu_specs.csv", "Launch tables say 120 TFLOP/s, at 1455 MHz; 112 is the PCIe part. Some lists say 897 GB/s.";
    "titan_rtx" [] "Titan RTX (fp16 only: no bf16)" 2018 {
        bf16: 130.0, memory_gb: 24.0, bandwidth_gb_s: 672.0, shared_kib: 64.0, l2_mib: 6.0, sms: 72.0, link_gb_s: 50.0,
    } "tomshardware.com 38184 (130 TF, 672 GB/s, L2 6 MB, 576 TC); hothardware.com; dabio.net (NVLink 100 GB/s total)", "130.5 computed: 576 tensor cores x 128 FLOP x 1.77 GHz. Unlike GeForce parts it keeps the full rate with fp32 accumulate.";
    "rtx_2080_ti" ["2080ti"] "GeForce RTX 2080 Ti (fp16 only: no bf16)" 2018 {
        f32: 13.45, bf16: 53.8, int8: 215.2, int4: 430.3, memory_gb: 11.0, bandwidth_gb_s: 616.0, shared_kib: 64.0, sms: 68.0,
    } "bit-tech.net Turing explained (68 SM, 1545 MHz); ProjectPhysX/FluidX3D README.md (data sheet figures): 13.45 TF, 11 GB, 616 GB/s; bf16 = 68 SM x 512 FLOP x 1.545 GHz, int8 and int4 four and eight times that, as the RTX 2080 in the GA102 white paper's table (thegamesmachine.it 187825: 42.4 | 84.8, 169.6, 339.1 at 1.8 GHz)", "With fp16 accumulate it is twice as fast. The Founders Edition, at 1635 MHz, reaches 56.9 TFLOP/s.";
    "t4" [] "T4 (fp16 only: no bf16)" 2018 {
        f32: 8.14, bf16: 65.1, int8: 130.3, int4: 260.5, memory_gb: 16.0, bandwidth_gb_s: 320.0, shared_kib: 64.0, l2_mib: 4.0, sms: 40.0,
    } "hmc-tech.com NVIDIA A16 vs T4 (65.13 with fp32 accumulate, 130.25, 260.51, 8.14 TF, 16 GB); sysrqmts.com A100 vs T4 (320 GB/s, L2 4 MB, 40 SM)", "FluidX3D lists 15 GB and 300 GB/s, which is what is left with error correction.";
    "a100_sxm" ["a100"] "A100 SXM4 80GB" 2020 {
        bf16: 312.0, int8: 624.0, memory_gb: 80.0, bandwidth_gb_s: 2039.0, shared_kib: 163.0, l2_mib: 40.0, sms: 108.0, link_gb_s: 300.0, link_domain: 8, link_beyond_gb_s: 25.0, link_latency_us: 21.27,
    } "aiconfigurator-core 0.12.0 systems/a100_sxm.yaml; glennklockwood.com/garden/processors/A100 (NVIDIA datasheet); thundercompute.com A100 specs (L2 40 MB)", "Some tools list the 40 GB part (1555 GB/s) as plain A100.", links "stas00/ml-engineering network/README.md (NVLink 3, 600 GB/s both ways); aiconfigurator-core 0.12.0 systems/a100_sxm.yaml (8 a node, 200 Gb/s each beyond); aiconfigurator-core 0.12.0 nccl_perf.parquet: the fastest small all-reduce of NCCL over 8";
    "a100_sxm_40" [] "A100 SXM4 40GB" 2020 {
        bf16: 312.0, int8: 624.0, memory_gb: 40.0, bandwidth_gb_s: 1555.0, shared_kib: 163.0, l2_mib: 40.0, sms: 108.0, link_gb_s: 300.0,
    } "glennklockwood.com/garden/processors/A100; upb-pc2 deviceQuery dump (L2 41943040 bytes, 1215 MHz x 5120 bit)", "GenZ: 1600 GB/s";
    "a100_pcie" [] "A100 PCIe 80GB" 2021 {
        bf16: 312.0, int8: 624.0, memory_gb: 80.0, bandwidth_gb_s: 1935.0, shared_kib: 163.0, l2_mib: 40.0, sms: 108.0, link_gb_s: 32.0,
    } "aiconfigurator-core 0.12.0 systems/a100_pcie.yaml; thundercompute.com", "";
    "a30" [] "A30" 2021 {
        bf16: 165.0, int8: 330.0, memory_gb: 24.0, bandwidth_gb_s: 933.0, shared_kib: 163.0, sms: 56.0, link_gb_s: 32.0,
    } "aiconfigurator-core 0.12.0 systems/a30.yaml", "";
    "a40" [] "A40" 2020 {
        bf16: 149.7, int8: 299.3, memory_gb: 48.0, bandwidth_gb_s: 696.0, shared_kib: 99.0, l2_mib: 6.0, sms: 84.0, link_gb_s: 32.0,
    } "hahnyuan/LLM-Viewer hardwares/hardware_params.py; ecer.com A40 listing (NVIDIA datasheet, 149.7|299.4*, 696 GB/s, 84 RT cores/SMs)", "The 16-bit figure is quoted for both fp16 and fp32 accumulate on this SKU";
    "a6000" [] "RTX A6000" 2020 {
        bf16: 154.8, int8: 309.7, memory_gb: 48.0, bandwidth_gb_s: 768.0, shared_kib: 99.0, l2_mib: 6.0, sms: 84.0, link_gb_s: 28.1,
    } "cli99/llm-analysis gpu_configs/a6000-48gb.json; hahnyuan/LLM-Viewer", "Torchtitan PR 2884 used 309.7 (sparse) as bf16 peak";
    "a10" [] "A10" 2021 {
        f32: 31.24, bf16: 125.0, int8: 250.0, memory_gb: 24.0, bandwidth_gb_s: 600.0, shared_kib: 99.0, l2_mib: 6.0, sms: 72.0,
    } "sysrqmts.com A10 PCIe vs Quadro RTX 4000 (72 SM, 1695 MHz, 600.2 GB/s, L2 6 MB, 31.24 TF); gist.github.com/kimbochen (125 TF); bf16 = 72 SM x 1024 FLOP x 1.695 GHz, int8 twice that, as the A40", "";
    "a10g" [] "A10G" 2021 {
        f32: 35.0, bf16: 70.0, int8: 140.0, int4: 280.0, memory_gb: 24.0, bandwidth_gb_s: 600.0, shared_kib: 99.0, l2_mib: 6.0,
    } "d1.awsstatic.com NVIDIA_AWS_A10G_DataSheet_FINAL_02_17_2022.pdf, as public files quote it (35 TF, 70|140* of bf16, 600 GB/s); baseten.co A10 vs A10G (24 GB and bandwidth as the A10); int8 and int4 two and four times bf16, as the A40", "Made for AWS. 62.5 and 125 TFLOP/s are quoted too, the latter of the A10.";
    "rtx_3060" ["3060"] "GeForce RTX 3060 12GB" 2021 {
        f32: 12.74, bf16: 25.5, int8: 101.9, memory_gb: 12.0, bandwidth_gb_s: 360.0, shared_kib: 99.0, l2_mib: 3.0, sms: 28.0,
    } "sysrqmts.com RTX 3060 vs RTX A6000 (28 SM, 1777 MHz, 360 GB/s, L2 3 MB, 12.74 TF); bf16 = 28 SM x 512 FLOP x 1.777 GHz, int8 four times that, as the RTX 3080", "Twice as fast with fp16 accumulate. FluidX3D lists 13.17 TFLOP/s of f32, a card with a higher clock.";
    "rtx_3080" ["3080"] "GeForce RTX 3080 10GB" 2020 {
        f32: 29.8, bf16: 59.5, int8: 238.0, int4: 476.0, memory_gb: 10.0, bandwidth_gb_s: 760.0, shared_kib: 99.0, l2_mib: 5.0, sms: 68.0,
    } "NVIDIA GA102 white paper, as quoted at thegamesmachine.it 187825 (59.5 with fp32 accumulate, 238, 476, 29.8 TF; 760 GB/s, L2 5120 KB, 68 SM)", "119 TFLOP/s is the dense rate with fp16 accumulate; 238 is that with sparsity.";
    "rtx_3090" ["3090"] "GeForce RTX 3090" 2020 {
        bf16: 71.0, memory_gb: 24.0, bandwidth_gb_s: 936.0, shared_kib: 99.0, l2_mib: 6.0, sms: 82.0,
    } "apoorvkh/academic-pretraining issue 3 (GA102 whitepaper p.44: bf16 fp32-accumulate ~70); holynerdvana table (142 fp16-accumulate, 285 sparse, 936 GB/s, L2 6)", "Three \"peaks\" in use: 71 (fp32 acc.), 142 (fp16 acc.), 285 (sparse)";
    "rtx_3090_ti" ["3090ti"] "GeForce RTX 3090 Ti" 2022 {
        bf16: 80.0, memory_gb: 24.0, bandwidth_gb_s: 1008.0, shared_kib: 99.0, l2_mib: 6.0, sms: 84.0,
    } "tweaktown.com 84164 (84 SM, 1860 MHz, 1008 GB/s); mobylak.com Ada table (320 TF sparse fp16); bf16 = 84 SM x 512 flop/clk x 1.86 GHz", "160 TFLOP/s is the dense rate with fp16 accumulate; with fp32 accumulate (always, for bf16) it is 80.";
    "rtx_4060_ti" ["4060ti"] "GeForce RTX 4060 Ti 16GB" 2023 {
        f32: 22.06, bf16: 44.1, fp8: 88.3, int8: 176.5, memory_gb: 16.0, bandwidth_gb_s: 288.0, shared_kib: 99.0, l2_mib: 32.0, sms: 34.0,
    } "thefpsreview.com 133840 (34 SM, 2535 MHz, 288 GB/s, L2 32 MB); cputronic.com RTX 4060 Ti 16 GB (16 GB, 22.06 TF); bf16 = 34 SM x 512 FLOP x 2.535 GHz, fp8 and int8 twice and four times that, as the RTX 4090", "There is an 8 GB part with the same rates. Twice as fast with fp16 accumulate.";
    "rtx_4080" ["4080"] "GeForce RTX 4080" 2022 {
        f32: 48.7, bf16: 97.5, fp8: 194.9, int8: 389.9, memory_gb: 16.0, bandwidth_gb_s: 716.8, shared_kib: 99.0, l2_mib: 64.0, sms: 76.0,
    } "holynerdvana.com RTX 4080 specifications (76 SM, 2505 MHz, 48.7 TF, L2 64 MB; 390 | 780 sparse with fp16 accumulate); topcpu.net RTX 4080 16 GB (716.8 GB/s); bf16 = 76 SM x 512 FLOP x 2.505 GHz, fp8 and int8 twice and four times that", "390 TFLOP/s in press tables is sparse and fp16 accumulate, four times the bf16 rate. FluidX3D lists 55.45 TFLOP/s of f32, a card with a higher clock.";
    "rtx_4090" ["4090"] "GeForce RTX 4090" 2022 {
        bf16: 165.2, fp8: 330.3, int8: 660.6, memory_gb: 24.0, bandwidth_gb_s: 1008.0, shared_kib: 99.0, l2_mib: 72.0, sms: 128.0,
    } "hmc-tech.com RTX 4090 vs RTX PRO 5000 (FP16-32 165.2, FP16-16 330.3, BF16 165.2, FP8-32 330.3, FP8-16 660.6, INT8 660.6, L2 73.7 MB); mikasenghaas gist (165e12 / 1.008e12)", "330 TFLOP/s is the dense rate with fp16 accumulate; with fp32 accumulate it is 165.2. 661 (fp16) and 1321 (fp8) in press tables are sparse.";
    "rtx_5070" ["5070"] "GeForce RTX 5070" 2025 {
        f32: 30.84, bf16: 61.7, fp8: 123.4, int8: 246.7, fp4: 493.4, memory_gb: 12.0, bandwidth_gb_s: 672.0, shared_kib: 99.0, sms: 48.0,
    } "ProjectPhysX/FluidX3D README.md (data sheet figures): 30.84 TF, 12 GB, 672 GB/s; securitylab.ru 559483 (6144 CUDA cores, 128 an SM); bf16 twice the f32 rate, fp8, int8 and fp4 two, four and eight times that, as the RTX 5080", "Twice as fast with fp16 accumulate.";
    "rtx_5070_ti" ["5070ti"] "GeForce RTX 5070 Ti" 2025 {
        f32: 43.9, bf16: 87.9, fp8: 175.8, int8: 351.5, fp4: 703.1, memory_gb: 16.0, bandwidth_gb_s: 896.0, shared_kib: 99.0, sms: 70.0,
    } "smbom.com 14435 (8960 cores, 128 an SM); public comparisons with the RTX 3090 and 4090 (43.94 TF; 175.76 of fp16 with fp16 accumulate, 703.04 of fp4; 896 GB/s, 16 GB); bf16 half of that, fp8 and int8 two and four times bf16, as the RTX 5080", "Twice as fast with fp16 accumulate. Lists disagree on L2 (48 and 64 MB).";
    "rtx_5080" ["5080"] "GeForce RTX 5080" 2025 {
        f32: 56.3, bf16: 112.6, fp8: 225.1, int8: 450.2, fp4: 900.4, memory_gb: 16.0, bandwidth_gb_s: 960.0, shared_kib: 99.0, l2_mib: 64.0, sms: 84.0,
    } "hmc-tech.com RTX 5080 vs RX 540 (2617 MHz, 56.28 TF, fp4 900.42 dense); itcctv.vn RTX 5080 vs 4080 Super (84 SM, L2 64 MB); ProjectPhysX/FluidX3D README.md (data sheet figures): 16 GB, 960 GB/s; bf16 = 84 SM x 512 FLOP x 2.617 GHz, fp8 and int8 twice and four times that, as the RTX 5090", "1801 TOP/s in press tables is sparse fp4.";
    "rtx_5090" ["5090"] "GeForce RTX 5090" 2025 {
        bf16: 209.5, fp8: 419.0, int8: 838.0, fp4: 1676.0, memory_gb: 32.0, bandwidth_gb_s: 1792.0, shared_kib: 99.0, l2_mib: 96.0, sms: 170.0, link_gb_s: 64.0,
    } "hmc-tech sibling card for the 1:2 fp32-accumulate ratio of fp8; codesota.com/hardware/rtx-5090 (dense 209.5, 1792 GB/s); spheron.network (838 sparse fp16, 1676.8 sparse fp8, 3352 sparse fp4, 170 SM); fpsbench.com (L2 96 MB, 1.79 TB/s); castromedia (838 dense int8)", "838 TFLOP/s in press tables is sparse and fp16 accumulate, four times the bf16 rate. Some lists say 1790 GB/s. Measured products of 234 to 240 TFLOP/s exceed the figure: the chip boosts above its rated clock.";
    "gb10" ["dgx_spark"] "GB10 (DGX Spark)" 2025 {
        f32: 31.0, bf16: 125.0, fp8: 250.0, fp4: 500.0, memory_gb: 128.0, bandwidth_gb_s: 273.0, shared_kib: 99.0, sms: 48.0,
    } "The Register on Hot Chips 2025 (1 PFLOP/s of sparse fp4, 31 TF of f32); forums.developer.nvidia.com 359960 (500 TF dense fp4; 101376 byte of shared memory); ai-infrastructure.net/dgx-spark (NVIDIA: 6144 CUDA cores, 128 GB, 273 GB/s); fp8 and bf16 a half and a quarter of fp4, as the RTX PRO 6000", "That products with fp32 accumulate are at full rate, not half as on GeForce parts, follows from 188 TFLOP/s of fp8 that were measured (same forum). Hot Chips: 301 GB/s, at 9400 MT/s. FluidX3D lists 29.71 TFLOP/s of f32.";
    "rtx_pro_6000_server" ["rtx_pro_6000"] "RTX PRO 6000 Blackwell Server Edition" 2025 {
        bf16: 467.8, fp8: 935.6, int8: 935.6, fp4: 1871.2, memory_gb: 96.0, bandwidth_gb_s: 1597.0, shared_kib: 99.0, l2_mib: 128.0, sms: 188.0, link_gb_s: 64.0, link_domain: 8, link_latency_us: 24.19,
    } "aiconfigurator-core 0.12.0 systems/rtx_pro_6000_server.yaml for TFLOP/s (scaled to 2430 MHz); 1597 GB/s: 9 public files quoting the NVIDIA product page; L2 128 MB: topcpu.net", "The Workstation part has 1792 GB/s. The best measured is 1575 GB/s. Others list 480 or 503.8 TFLOP/s (Workstation clock).", links "aiconfigurator-core 0.12.0 systems/rtx_pro_6000_server.yaml (PCIe 5.0, 8 a node); aiconfigurator-core 0.12.0 nccl_perf.parquet: the fastest small all-reduce of NCCL over 8";
    "rtx_pro_6000_ws" [] "RTX PRO 6000 Blackwell Workstation Edition" 2025 {
        f32: 125.95, bf16: 503.8, fp8: 1007.6, int8: 1007.6, fp4: 2015.2, memory_gb: 96.0, bandwidth_gb_s: 1792.0, shared_kib: 99.0, l2_mib: 128.0, sms: 188.0,
    } "hmc-tech.com RTX PRO 6000 Blackwell (2617 MHz; dense with fp32 accumulate: 503.8, 1.01, 1.01 and 2.02 PF; 125.95 TF; 96 GB); ProjectPhysX/FluidX3D README.md (data sheet figures): 1792 GB/s; technical.city RTX PRO 6000 Max-Q (188 SM, L2 128 MB)", "The Max-Q part is clocked at 2288 MHz. 4000 TOP/s in press tables is sparse fp4.";
    "rtx_6000_ada" [] "RTX 6000 Ada Generation" 2022 {
        f32: 91.1, bf16: 364.2, fp8: 728.5, int8: 728.5, memory_gb: 48.0, bandwidth_gb_s: 960.0, shared_kib: 99.0, l2_mib: 96.0, sms: 142.0,
    } "grafikkarten.com RTX 6000 Ada (142 SM, 91.1 TF, 960 GB/s); cputronic.com RTX 6000 Ada (2505 MHz, L2 96 MB, 48 GB); bf16 = 142 SM x 1024 FLOP x 2.505 GHz, fp8 and int8 twice that, as the L40S of the same chip", "";
    "l4" [] "L4" 2023 {
        bf16: 121.0, fp8: 242.0, int8: 242.0, memory_gb: 24.0, bandwidth_gb_s: 300.0, shared_kib: 99.0, l2_mib: 48.0, sms: 58.0, link_gb_s: 32.0,
    } "aiconfigurator-core 0.12.0 systems/l4.yaml; winston-zhang-orz/gpu-specs", "L2 48 MB is full AD104 (mobylak.com); SM count not sourced";
    "l40" [] "L40" 2022 {
        f32: 90.5, bf16: 181.05, fp8: 362.0, int8: 362.0, int4: 724.0, memory_gb: 48.0, bandwidth_gb_s: 864.0, shared_kib: 99.0, l2_mib: 96.0, sms: 142.0, link_gb_s: 32.0,
    } "mullet.se (NVIDIA table 181.05|362.1*, 362|724*, 724|1448*, 90.5 TF, 864 GB/s, PCIe 64 GB/s both ways); topcpu.net A40 vs L40 (142 SM, L2 96 MB)", "The same chip as the L40S, at half its rate in NVIDIA's table; hmc-tech.com computes 362 TFLOP/s of bf16 and 724 of fp8.";
    "l40s" [] "L40S" 2023 {
        bf16: 362.05, fp8: 733.0, int8: 733.0, memory_gb: 48.0, bandwidth_gb_s: 864.0, shared_kib: 99.0, l2_mib: 96.0, sms: 142.0, link_gb_s: 32.0, link_domain: 8, link_latency_us: 22.15,
    } "aiconfigurator-core 0.12.0 systems/l40s.yaml; mullet.se (NVIDIA table 362.05|733*, 733|1466*); AD102 L2 98304 KB: thefpsreview.com", "Several pages list 183 dense and 366 sparse TFLOP/s, which measured 297 rules out. One list says 48 MB of L2; measured cache hits say 96 MiB.", links "aiconfigurator-core 0.12.0 systems/l40s.yaml (PCIe 4.0, 8 a node; the 400 Gb/s each beyond that it lists are more than that carries); aiconfigurator-core 0.12.0 nccl_perf.parquet: the fastest small all-reduce of NCCL over 8";
    "h100_sxm" ["h100"] "H100 SXM5 80GB" 2022 {
        bf16: 989.4, fp8: 1978.9, int8: 1978.9, memory_gb: 80.0, bandwidth_gb_s: 3350.0, shared_kib: 227.0, l2_mib: 50.0, sms: 132.0, link_gb_s: 450.0, link_domain: 8, link_beyond_gb_s: 50.0, link_latency_us: 15.46, link_reduces: true,
    } "aiconfigurator-core 0.12.0 systems/h100_sxm.yaml (989/1978/3350); glennklockwood.com/garden/processors/h100 (989.4/1978.9); hpctech.co.jp (3350 GB/s, L2 50 MB, 132 SM)", "3350 GB/s is the datasheet's rounding; profilers report 3352 (2619 MHz x 2 x 5120 bit / 8). Other tools use 3072 and 3400; early pages say 3000.", links "stas00/ml-engineering network/README.md (NVLink 4, 900 GB/s both ways; DGX H100: 8 x 400 Gb/s); aiconfigurator-core 0.12.0 systems/h100_sxm.yaml; aiconfigurator-core 0.12.0 nccl_perf.parquet: the fastest small all-reduce of NCCL over 8; docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html, NCCL_NVLS_ENABLE (NVSwitches of the third generation, since Hopper, add)";
    "h100_pcie" [] "H100 PCIe 80GB" 2022 {
        bf16: 756.5, fp8: 1513.0, int8: 1513.0, memory_gb: 80.0, bandwidth_gb_s: 2000.0, shared_kib: 227.0, l2_mib: 50.0, sms: 114.0, link_gb_s: 300.0,
    } "aiconfigurator-core 0.12.0 systems/h100_pcie.yaml; hpctech.co.jp (114 SM, NVLink bridge 600 GB/s total)", "LLM-Viewer 2048 GB/s; aiconfigurator assumes no bridge (64 GB/s)";
    "h800_sxm" ["h800"] "H800 SXM" 2023 {
        bf16: 989.0, fp8: 1979.0, int8: 1979.0, memory_gb: 80.0, bandwidth_gb_s: 3350.0, shared_kib: 227.0, l2_mib: 50.0, sms: 132.0, link_gb_s: 200.0, link_domain: 8, link_beyond_gb_s: 50.0, link_reduces: true,
    } "deepseek-ai/FlashMLA issue 75 (3.35 TB/s, 989 dense); alibaba/InferSim hardware/gpu.py (NVLink 400 GB/s total, 132 SM)", "InferSim uses 3430 GB/s", links "arXiv:2505.09343, section 4 (nodes of 8, a 400 Gb/s port each); docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html, NCCL_NVLS_ENABLE (NVSwitches of the third generation, since Hopper, add)";
    "h20" [] "H20 96GB" 2023 {
        bf16: 148.0, fp8: 296.0, int8: 296.0, memory_gb: 96.0, bandwidth_gb_s: 4000.0, shared_kib: 227.0, l2_mib: 60.0, sms: 78.0, link_gb_s: 450.0, link_domain: 8, link_reduces: true,
    } "alibaba/InferSim hardware/gpu.py (148/296, 78 SM, NVLink 900 total); H20-vs-H800 table in a public DeepSeek-on-H20 blog (4000 GB/s); zangshuxian.com. L2 60 MiB is NOT sourced (upper guess: full GH100)", "The 60 MiB of L2 are not sourced. Other tools use 4096 and 4022 GB/s.", links "HGX boards of 8; docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html, NCCL_NVLS_ENABLE (NVSwitches of the third generation, since Hopper, add)";
    "h200_sxm" ["h200"] "H200 SXM 141GB" 2024 {
        bf16: 989.4, fp8: 1978.9, int8: 1978.9, memory_gb: 141.0, bandwidth_gb_s: 4800.0, shared_kib: 227.0, l2_mib: 50.0, sms: 132.0, link_gb_s: 450.0, link_domain: 8, link_beyond_gb_s: 50.0, link_latency_us: 15.34, link_reduces: true,
    } "aiconfigurator-core 0.12.0 systems/h200_sxm.yaml; mlcommons inference_results_v4.1 H200-SXM system json (141 GB, 900 GB/s NVLink); Hopper die as H100", "Saulelectric.com calls 1970 \"dense\" (it is sparse)", links "stas00/ml-engineering network/README.md (NVLink 4, 900 GB/s both ways; DGX H200: 8 x 400 Gb/s); aiconfigurator-core 0.12.0 systems/h200_sxm.yaml; aiconfigurator-core 0.12.0 nccl_perf.parquet: the fastest small all-reduce of NCCL over 8; docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html, NCCL_NVLS_ENABLE (NVSwitches of the third generation, since Hopper, add)";
    "b200_sxm" ["b200"] "B200 SXM (HGX, 180GB)" 2024 {
        bf16: 2250.0, fp8: 4500.0, int8: 4500.0, fp4: 9000.0, memory_gb: 180.0, bandwidth_gb_s: 7672.0, shared_kib: 227.0, l2_mib: 126.5, sms: 148.0, link_gb_s: 900.0, link_domain: 8, link_beyond_gb_s: 50.0, link_latency_us: 24.77, link_reduces: true,
    } "aiconfigurator-core 0.12.0 systems/b200_sxm.yaml (2250/4500/9000, 180 GiB); pytorch/ao PR 4002 device query (7680 bit x 3996 MHz x 2 = 7.672 TB/s, L2 126.5 MB, 148 SM)", "8000 GB/s on most pages is the 192 GB part; others list 7700. The best measured is 7167 GB/s.", links "stas00/ml-engineering network/README.md (NVLink 5, 1800 GB/s both ways; 8 x 400 Gb/s); aiconfigurator-core 0.12.0 nccl_perf.parquet: the fastest small all-reduce of NCCL over 8. aiconfigurator-core 0.12.0 systems/b200_sxm.yaml assumes 100 GB/s beyond, with newer adapters; docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html, NCCL_NVLS_ENABLE (NVSwitches of the third generation, since Hopper, add)";
    "gb200" [] "GB200 (per GPU)" 2024 {
        bf16: 2500.0, fp8: 5000.0, int8: 5000.0, fp4: 10000.0, memory_gb: 186.0, bandwidth_gb_s: 8000.0, shared_kib: 227.0, l2_mib: 126.5, sms: 152.0, link_gb_s: 900.0, link_domain: 72, link_beyond_gb_s: 50.0, link_latency_us: 15.63, link_reduces: true,
    } "aiconfigurator-core 0.12.0 systems/gb200.yaml; glennklockwood.com/garden/processors/B200; docs.nvidia.com MIG guide (186 GB); 152 SMs: four public repos", "GenZ \"GB200\" 4500 and \"GH200\" 1979 take fp8/sparse numbers as 16-bit peaks; InferSim GB200 13400 GB/s", links "stas00/ml-engineering network/README.md (NVL72; docs.nvidia.com/dgx/dgxgb200-user-guide: a 400 Gb/s adapter for each GPU); aiconfigurator-core 0.12.0 nccl_perf.parquet: the fastest small all-reduce of NCCL over 4. aiconfigurator-core 0.12.0 systems/gb200.yaml assumes 100 GB/s beyond, with newer adapters; docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html, NCCL_NVLS_ENABLE (NVSwitches of the third generation, since Hopper, add)";
    "b300_sxm" ["b300"] "B300 SXM (HGX)" 2025 {
        bf16: 2250.0, fp8: 4500.0, int8: 153.5, fp4: 14000.0, memory_gb: 288.0, bandwidth_gb_s: 7750.0, shared_kib: 227.0, l2_mib: 126.5, sms: 148.0, link_gb_s: 900.0, link_domain: 8, link_beyond_gb_s: 100.0, link_latency_us: 24.62, link_reduces: true,
    } "aiconfigurator-core 0.12.0 systems/b300_sxm.yaml (fp4 14 PF, 62 TB/s / 8); datacrunch-research/blogs blackwell-vms (14 PF, 8 TB/s); 148 SM: public repo", "Fp4 dense 13125 (glennklockwood) vs 14000; bf16 2500-3500 on some blogs (itkb.uw.cz 3500); bandwidth 7750 vs 8000", links "stas00/ml-engineering network/README.md (NVLink 5; DGX B300: 8 x 800 Gb/s); aiconfigurator-core 0.12.0 systems/b300_sxm.yaml; aiconfigurator-core 0.12.0 nccl_perf.parquet: the fastest small all-reduce of NCCL over 8; docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html, NCCL_NVLS_ENABLE (NVSwitches of the third generation, since Hopper, add)";
    "gb300" [] "GB300 (per GPU)" 2025 {
        bf16: 2500.0, fp8: 5000.0, int8: 165.0, fp4: 15000.0, memory_gb: 288.0, bandwidth_gb_s: 8000.0, shared_kib: 227.0, l2_mib: 126.5, sms: 152.0, link_gb_s: 900.0, link_domain: 72, link_beyond_gb_s: 100.0, link_latency_us: 15.06, link_reduces: true,
    } "aiconfigurator-core 0.12.0 systems/gb300.yaml; glennklockwood.com/garden/processors/B300 (1.1 EF / 72)", "SM count taken as GB200; not sourced", links "aiconfigurator-core 0.12.0 systems/gb300.yaml (72 a rack, 800 Gb/s each beyond); stas00/ml-engineering network/README.md; aiconfigurator-core 0.12.0 nccl_perf.parquet: the fastest small all-reduce of NCCL over 4; docs.nvidia.com/deeplearning/nccl/user-guide/docs/env.html, NCCL_NVLS_ENABLE (NVSwitches of the third generation, since Hopper, add)";
    "b60" [] "Intel Arc Pro B60" 2025 {
        bf16: 98.3, int8: 197.0, memory_gb: 24.0, bandwidth_gb_s: 456.0, l2_mib: 18.0, sms: 20.0, link_gb_s: 28.4,
    } "aiconfigurator-core 0.12.0 systems/b60.yaml (98.3 TF, no native fp8, 456 GB/s). L2 18 MiB and 20 Xe cores NOT sourced", "The 18 MiB of L2 and 20 cores are not sourced. Measurements reach both figures.";
    "mi210" [] "AMD MI210" 2021 {
        bf16: 181.0, int8: 181.0, memory_gb: 64.0, bandwidth_gb_s: 1638.0, shared_kib: 64.0, l2_mib: 8.0, sms: 104.0, link_gb_s: 150.0,
    } "cli99/llm-analysis gpu_configs/mi210-64gb.json (181 TF, 1638 GB/s). L2 and CU count not sourced", "Llm-analysis lists int8 362";
    "mi250x" [] "AMD MI250X (two dies)" 2021 {
        bf16: 383.0, int8: 383.0, memory_gb: 128.0, bandwidth_gb_s: 3276.0, shared_kib: 64.0, sms: 220.0, link_gb_s: 350.0,
    } "stas00/ml-engineering compute/accelerator/README.md (amd.com MI250X page: 383 fp16, bf16 and int8; 128 GB, 3.28 TB/s; 220 CU); ProjectPhysX/FluidX3D README.md (data sheet figures): 1638 GB/s a die", "A single product runs on one of the two dies, at half of this.", links "stas00/ml-engineering network/README.md (7 links of 100 GB/s both ways); rocm.docs.amd.com MI250 microarchitecture (50 GB/s a link)";
    "mi300x" [] "AMD MI300X" 2023 {
        bf16: 1307.4, fp8: 2614.9, int8: 2614.9, memory_gb: 192.0, bandwidth_gb_s: 5300.0, shared_kib: 64.0, l2_mib: 256.0, sms: 304.0, link_gb_s: 448.0, link_domain: 8,
    } "awesomeagents.ai amd-mi325x (same compute: 1307.4 / 2614.9 dense; 5.3 TB/s; 304 CU); unanswered.io (256 MB Infinity Cache); GenZ system_configs", "Codesota.com lists 2615 as dense fp16 (it is fp8 dense / fp16 sparse)", links "stas00/ml-engineering network/README.md (7 links of 128 GB/s both ways, one to each of the other devices: 64 GB/s to any one)";
    "mi300a" [] "AMD MI300A" 2023 {
        f32: 122.6, bf16: 980.6, fp8: 1961.2, int8: 1961.2, memory_gb: 128.0, bandwidth_gb_s: 5300.0, shared_kib: 64.0, l2_mib: 256.0, sms: 228.0,
    } "vengineer.hatenablog.com 2023/12/11 (AMD data sheet: 980.6 fp16 and bf16, 1.96 PF int8, 122.6 fp32 matrix; 228 CU at 2100 MHz; 128 GB, 256 MB Infinity Cache); emergentmind.com MI300A (5.3 TB/s); fp8 as int8, as on the MI300X", "Memory is shared with 24 CPU cores.";
    "mi325x" [] "AMD MI325X" 2024 {
        bf16: 1307.4, fp8: 2614.9, int8: 2614.9, memory_gb: 256.0, bandwidth_gb_s: 6000.0, shared_kib: 64.0, l2_mib: 256.0, sms: 304.0, link_gb_s: 448.0, link_domain: 8,
    } "awesomeagents.ai/hardware/amd-mi325x; unanswered.io", "", links "stas00/ml-engineering network/README.md (7 links of 128 GB/s both ways, one to each of the other devices: 64 GB/s to any one)";
    "mi355x" [] "AMD MI355X" 2025 {
        bf16: 2500.0, fp8: 5000.0, int8: 5000.0, fp4: 10100.0, memory_gb: 288.0, bandwidth_gb_s: 8000.0, shared_kib: 160.0, l2_mib: 256.0, sms: 256.0, link_gb_s: 535.5, link_domain: 8,
    } "AMD-AGI/Primus PR 772 and pytorch/torchtitan PR 4779 (2500 bf16; MI350X 2300); boston-uk (288 GB, 8 TB/s); stas00/ml-engineering compute/accelerator/README.md (amd.com MI355X page: dense 2500, 5000, 5000, 10100); rocm.docs.amd.com gpu-specs (256 CU, 256 MiB of L3)", "The 10100 TFLOP/s of fp8 and 5000 of bf16 that AMD lists too are sparse. 2516.6 computed: 1024 matrix cores x 1024 FLOP x 2.4 GHz. One list says 64 MB of Infinity Cache.", links "stas00/ml-engineering network/README.md (7 links of 153 GB/s both ways, one to each of the other devices: 76.5 GB/s to any one)";
    "rx_7900_xtx" ["7900xtx"] "AMD Radeon RX 7900 XTX" 2022 {
        f32: 61.4, bf16: 122.9, int8: 122.9, memory_gb: 24.0, bandwidth_gb_s: 960.0, l2_mib: 96.0, sms: 96.0,
    } "gpuopen.com matrix cores of RDNA 4 (RX 7900 XTX: 512 FLOP a clock and CU for fp16, bf16 and int8); guru3d.com XFX RX 7900 XTX (96 CU, 2.5 GHz, 24 GB, 960 GB/s, 96 MB Infinity Cache); ProjectPhysX/FluidX3D README.md (data sheet figures): 61.44 TF; bf16 = 96 CU x 512 FLOP x 2.5 GHz", "No fp8. 130 TFLOP/s were measured (nihui/vkpeak 20230812): the chip boosts above its rated clock.";
    "gaudi2" [] "Intel Gaudi 2" 2022 {
        bf16: 432.0, fp8: 865.0, memory_gb: 96.0, bandwidth_gb_s: 2460.0, l2_mib: 48.0, link_gb_s: 262.5, link_domain: 8, link_beyond_gb_s: 37.5,
    } "stas00/ml-engineering compute/accelerator/README.md (Intel Gaudi 2 white paper: 432 and 865 TF of the MME; 96 GB, 2.46 TB/s, 48 MiB of SRAM)", "Stas00's tables measure 418.7 and 826.5.", links "stas00/ml-engineering network/README.md (24 ports of 100 Gb/s: 21 to the other 7 cards of the node, 3 beyond)";
    "gaudi3" [] "Intel Gaudi 3" 2024 {
        bf16: 1835.0, fp8: 1835.0, memory_gb: 128.0, bandwidth_gb_s: 3700.0, l2_mib: 96.0, link_gb_s: 525.0, link_domain: 8, link_beyond_gb_s: 75.0,
    } "stas00/ml-engineering compute/accelerator/README.md (Intel Gaudi 3 white paper: 1835 TF of the MME; 128 GB, 3.70 TB/s, 96 MiB of cache)", "1677 TFLOP/s at the 1600 MHz that cards run at.", links "stas00/ml-engineering network/README.md (24 ports of 200 Gb/s: 21 to the other 7 cards of the node, 3 beyond)";
    "trainium1" ["trn1"] "AWS Trainium" 2022 {
        f32: 47.5, bf16: 190.0, fp8: 190.0, int8: 380.0, memory_gb: 32.0, bandwidth_gb_s: 820.0, link_domain: 16,
    } "awsdocs-neuron.readthedocs-hosted.com Trainium architecture (190 FP16/BF16/cFP8/TF32, 380 INT8, 47.5 FP32; 32 GiB, 820 GB/s)", "An older page says 420 TOP/s. The newer one says GiB/s.", links "awsdocs-neuron.readthedocs-hosted.com Trn1 architecture (16 devices, NeuronLink-v2; no bandwidth given)";
    "inferentia2" ["inf2"] "AWS Inferentia2" 2023 {
        f32: 47.5, bf16: 190.0, fp8: 190.0, int8: 380.0, memory_gb: 32.0, bandwidth_gb_s: 820.0, link_domain: 12,
    } "awsdocs-neuron.readthedocs-hosted.com Inferentia2 architecture (190 FP16/BF16/cFP8/TF32, 380 INT8, 47.5 FP32; 32 GiB, 820 GB/s)", "The newer page says GiB/s.", links "awsdocs-neuron.readthedocs-hosted.com Inferentia2 architecture (up to 12 devices, NeuronLink-v2; no bandwidth given)";
    "trainium2" ["trn2"] "AWS Trainium2" 2024 {
        f32: 181.0, bf16: 667.0, fp8: 1299.0, memory_gb: 96.0, bandwidth_gb_s: 2900.0, link_gb_s: 640.0, link_domain: 64, link_beyond_gb_s: 25.0,
    } "awsdocs-neuron.readthedocs-hosted.com Trainium2 architecture (1299 FP8, 667 BF16/FP16/TF32, 181 FP32; 96 GiB, 2.9 TB/s)", "2563 TFLOP/s is sparse. One page says 3 TB/s.", links "stas00/ml-engineering network/README.md (1.28 TB/s both ways; 16 chips an instance, 64 an UltraServer; EFA: 16 x 200 Gb/s for the 16 chips of an instance)";
    "tpu_v4" [] "Google TPU v4" 2021 {
        bf16: 275.0, int8: 275.0, memory_gb: 32.0, bandwidth_gb_s: 1200.0, link_gb_s: 45.0, link_domain: 4096,
    } "docs.cloud.google.com/tpu/docs/v4 (275 bf16 or int8, 32 GiB, 1200 GBps); jax-ml/scaling-book tpus.md table", "", links "jax-ml/scaling-book tpus.md (45 GB/s a link one way); docs.cloud.google.com/tpu/docs/v4 (a pod: 4096 chips, 3D)";
    "tpu_v5e" [] "Google TPU v5e" 2023 {
        bf16: 197.0, int8: 394.0, memory_gb: 16.0, bandwidth_gb_s: 819.0, link_gb_s: 50.0, link_domain: 256,
    } "docs.cloud.google.com/tpu/docs/v5e (197 bf16, 394 int8, 16 GB, 819 GB/s); jax-ml/scaling-book tpus.md table", "The book's table says 810 GB/s and 45 GB/s a link, its text 820 GB/s.", links "docs.cloud.google.com/tpu/docs/v5e (400 GB/s a chip both ways, over 4 links; a pod: 256 chips in a 2D torus)";
    "tpu_v5p" [] "Google TPU v5p" 2023 {
        bf16: 459.0, int8: 918.0, memory_gb: 95.0, bandwidth_gb_s: 2765.0, link_gb_s: 100.0, link_domain: 8960, link_beyond_gb_s: 6.25,
    } "docs.cloud.google.com/tpu/docs/v5p (459 bf16, 95 GB, 2765 GB/s); jax-ml/scaling-book tpus.md table (918 int8)", "The book's table says 96 GB, 2800 GB/s and 90 GB/s a link, its text 2.5e12 byte/s.", links "docs.cloud.google.com/tpu/docs/v5p and tpu7x (1200 GB/s a chip both ways, over 6 links; a pod: 8960 chips in a 3D torus; 50 Gb/s a chip in the data centre)";
    "tpu_v6e" [] "Google TPU v6e" 2024 {
        bf16: 918.0, int8: 1836.0, memory_gb: 32.0, bandwidth_gb_s: 1638.0, link_gb_s: 100.0, link_domain: 256, link_beyond_gb_s: 12.5,
    } "docs.cloud.google.com/tpu/docs/v6e (918 bf16, 1836 int8, 32 GB, 1638 GB/s); jax-ml/scaling-book tpus.md table", "The book's table says 920, 1840, 1600 GB/s and 90 GB/s a link; GenZ 926 and 1640 GB/s.", links "docs.cloud.google.com/tpu/docs/v6e and tpu7x (800 GB/s a chip both ways, over 4 links; a pod: 256 chips in a 2D torus; 100 Gb/s a chip in the data centre)";
    "tpu_v7" ["ironwood"] "Google TPU v7 (TPU7x, Ironwood)" 2025 {
        bf16: 2307.0, fp8: 4614.0, memory_gb: 192.0, bandwidth_gb_s: 7380.0, link_gb_s: 100.0, link_domain: 9216, link_beyond_gb_s: 12.5,
    } "docs.cloud.google.com/tpu/docs/tpu7x (2307 BF16, 4614 FP8, 192 GiB, 7380 GB/s)", "Press pages say 7.2 and 7.37 TB/s.", links "docs.cloud.google.com/tpu/docs/tpu7x (1200 GB/s a chip both ways, over three axes of two links; 9216 chips a pod; 100 Gb/s a chip in the data centre)";
    "ai_max_395" [] "AMD Ryzen AI Max+ 395 (Radeon 8060S, 40 CU)" 2025 {
        bf16: 59.4, int8: 50.0, memory_gb: 128.0, bandwidth_gb_s: 256.0, l2_mib: 32.0, sms: 40.0,
    } "svethardware.cz 61477 (256 GB/s, NPU 50 TOPS, 2900 MHz, 40 CU); oldpan.me (~60 TF fp16); purepc.pl (32 MB MALL)", "The int8 figure is the NPU's 50 TOP/s. 51.2 TOP/s (40 CU x 512 x 2.5 GHz) over 256 GB/s, or 50 over 250, give the 200 FLOP/byte that is quoted for this part; the GPU at 2.9 GHz gives 232.";
    "apple_m1" ["m1"] "Apple M1 (8 GPU cores)" 2020 {
        f32: 2.617, bf16: 2.617, memory_gb: 16.0, bandwidth_gb_s: 68.0, sms: 8.0,
    } "philipturner/metal-benchmarks README.md (8 cores at 1278 MHz, f16 as f32); ProjectPhysX/FluidX3D README.md (data sheet figures): 68 GB/s, 16 GB", "Apple says 2.6 TFLOP/s. Others list 66.67 and 68.25 GB/s.";
    "apple_m1_pro" ["m1_pro"] "Apple M1 Pro (16 GPU cores)" 2021 {
        f32: 5.308, bf16: 5.308, memory_gb: 32.0, bandwidth_gb_s: 200.0, sms: 16.0,
    } "philipturner/metal-benchmarks README.md (16 cores at 1296 MHz, f16 as f32); gigazine.net 20231101 (200 GB/s); somagnews.com M1 chips (32 GB)", "204.8 GB/s computed from LPDDR5-6400.";
    "apple_m1_max" ["m1_max"] "Apple M1 Max (32 GPU cores)" 2021 {
        f32: 10.62, bf16: 10.62, memory_gb: 64.0, bandwidth_gb_s: 400.0, sms: 32.0,
    } "philipturner/metal-benchmarks README.md (32 cores at 1296 MHz, f16 as f32); ProjectPhysX/FluidX3D README.md (data sheet figures): 400 GB/s; somagnews.com M1 chips (64 GB)", "Apple says 10.4 TFLOP/s. 409.6 GB/s computed from LPDDR5-6400.";
    "apple_m1_ultra" ["m1_ultra"] "Apple M1 Ultra (64 GPU cores)" 2022 {
        f32: 21.23, bf16: 21.23, memory_gb: 128.0, bandwidth_gb_s: 800.0, sms: 64.0,
    } "philipturner/metal-benchmarks README.md (64 cores at 1296 MHz, f16 as f32); outlookindia.com M1 Ultra (800 GB/s, 128 GB)", "819.2 GB/s computed from LPDDR5-6400.";
    "apple_m2" ["m2"] "Apple M2 (10 GPU cores)" 2022 {
        f32: 3.579, bf16: 3.579, memory_gb: 24.0, bandwidth_gb_s: 100.0, sms: 10.0,
    } "philipturner/metal-benchmarks README.md (10 cores at 1398 MHz, f16 as f32); abachy.com M3 series (100 GB/s, 24 GB)", "102.4 GB/s computed from LPDDR5-6400.";
    "apple_m2_pro" ["m2_pro"] "Apple M2 Pro (19 GPU cores)" 2023 {
        f32: 6.8, bf16: 6.8, memory_gb: 32.0, bandwidth_gb_s: 200.0, sms: 19.0,
    } "huggingface/huggingface.js PR 1044 (6.8, 19 cores); philipturner/metal-benchmarks README.md (f16 as f32); tarekeless.com M2 Pro and Max (200 GB/s, 32 GB)", "";
    "apple_m2_max" ["m2_max"] "Apple M2 Max (38 GPU cores)" 2023 {
        f32: 13.6, bf16: 13.6, memory_gb: 96.0, bandwidth_gb_s: 400.0, sms: 38.0,
    } "philipturner/applegpuinfo issue 10 (38 cores at 1398 MHz, 13.6); hmc-tech.com 38-Core M2 Max (13.6 fp16 and fp32); tarekeless.com M2 Pro and Max (400 GB/s, 96 GB)", "409.6 GB/s computed from LPDDR5-6400.";
    "apple_m2_ultra" ["m2_ultra"] "Apple M2 Ultra (76 GPU cores)" 2023 {
        f32: 27.2, bf16: 27.2, memory_gb: 192.0, bandwidth_gb_s: 800.0, sms: 76.0,
    } "philipturner/metal-benchmarks README.md (76 cores, f16 as f32); ProjectPhysX/FluidX3D README.md (data sheet figures): 800 GB/s, 192 GB", "819.2 GB/s computed from LPDDR5-6400.";
    "apple_m3" ["m3"] "Apple M3 (10 GPU cores)" 2023 {
        f32: 3.58, bf16: 3.58, memory_gb: 24.0, bandwidth_gb_s: 100.0, sms: 10.0,
    } "hmc-tech.com 10-Core M4 vs 8-Core M3 (1398 MHz, 2.86 fp16 and fp32 for 8 cores); appleinsider.com M3 vs M3 Pro vs M3 Max (10 cores, 24 GB, 100 GB/s)", "Huggingface.js lists 4.1; applegpuinfo issue 15 reports 3.53.";
    "apple_m3_pro" ["m3_pro"] "Apple M3 Pro (18 GPU cores)" 2023 {
        f32: 6.44, bf16: 6.44, memory_gb: 36.0, bandwidth_gb_s: 150.0, sms: 18.0,
    } "hmc-tech.com 18-Core M3 Pro (1398 MHz, 6.44 fp16 and fp32); appleinsider.com M3 vs M3 Pro vs M3 Max (36 GB, 150 GB/s)", "Huggingface.js lists up to 7.4.";
    "apple_m3_max" ["m3_max"] "Apple M3 Max (40 GPU cores)" 2023 {
        f32: 14.32, bf16: 14.32, memory_gb: 128.0, bandwidth_gb_s: 400.0, sms: 40.0,
    } "hmc-tech.com 40-Core M3 Max (1398 MHz, 14.32 fp16 and fp32); appleinsider.com M3 vs M3 Pro vs M3 Max (128 GB, 400 GB/s)", "The part with 30 cores has 300 GB/s.";
    "apple_m3_ultra" ["m3_ultra"] "Apple M3 Ultra (80 GPU cores)" 2025 {
        f32: 28.6, bf16: 28.6, memory_gb: 512.0, bandwidth_gb_s: 819.0, sms: 80.0,
    } "techpowerup.com Mac Studio with M3 Ultra (80 cores, 512 GB, 819 GB/s); bgr.com M3 Ultra (two M3 Max dies); twice the M3 Max", "The peak is not quoted by itself.";
    "apple_m4" ["m4"] "Apple M4 (10 GPU cores)" 2024 {
        f32: 4.6, bf16: 4.6, memory_gb: 32.0, bandwidth_gb_s: 120.0, sms: 10.0,
    } "huggingface/huggingface.js PR 1044 (4.6, 10 cores); howtogeek.com M4 Pro and M4 Max (120 GB/s, 32 GB); f16 as f32: hmc-tech.com 10-Core M4", "The highest that is quoted: hmc-tech.com lists 1470 and 1578 MHz, so 3.76 and 4.04.";
    "apple_m4_pro" ["m4_pro"] "Apple M4 Pro (20 GPU cores)" 2024 {
        f32: 9.2, bf16: 9.2, memory_gb: 64.0, bandwidth_gb_s: 273.0, sms: 20.0,
    } "huggingface/huggingface.js PR 1044 (9.2, 20 cores); howtogeek.com M4 Pro and M4 Max (273 GB/s, 64 GB); f16 as f32: hmc-tech.com 10-Core M4", "The highest that is quoted; at 1578 MHz it would be 8.08.";
    "apple_m4_max" ["m4_max"] "Apple M4 Max (40 GPU cores)" 2024 {
        f32: 18.4, bf16: 18.4, memory_gb: 128.0, bandwidth_gb_s: 546.0, sms: 40.0,
    } "huggingface/huggingface.js PR 1044 (18.4, 40 cores); macmegasite.com M4 Max (546 GB/s); gamebastion.com M4 Max (128 GB); f16 as f32: hmc-tech.com 32-Core M4 Max", "The highest that is quoted: hmc-tech.com lists 1678 MHz, so 17.2.";
    "xeon_8480" ["xeon_8480+"] "Intel Xeon Platinum 8480+ (56 cores, 8 channels of DDR5-4800)" 2023 {
        f32: 14.3, bf16: 114.7, int8: 229.4, bandwidth_gb_s: 307.0,
    } "ProjectPhysX/FluidX3D README.md (data sheet figures): two sockets have 28.67 TF and 614 GB/s, that is 56 cores x 128 FLOP x 2.0 GHz each; phoronix.com Xeon Max with AMX (8 channels of DDR5); Intel AMX: 1024 BF16 and 2048 INT8 operations a cycle and core (en.wikipedia.org/wiki/Advanced_Matrix_Extensions, citing Intel)", "Peaks at the base clock of 2.0 GHz: cores that boost exceed them.";
    "xeon_6980p" [] "Intel Xeon 6980P (128 cores, 12 channels of MRDIMM-8800)" 2024 {
        f32: 49.2, bf16: 393.2, int8: 786.4, bandwidth_gb_s: 845.0,
    } "ProjectPhysX/FluidX3D README.md (data sheet figures): two sockets have 98.30 TF and 1690 GB/s, that is 128 cores x 128 FLOP x 3.0 GHz each; ceotech.it Xeon 6 (128 cores, 12 channels, base 2.0 GHz, 3.2 GHz); Intel AMX: 1024 BF16 and 2048 INT8 operations a cycle and core (en.wikipedia.org/wiki/Advanced_Matrix_Extensions, citing Intel)", "Peaks at 3.0 GHz: cores that boost exceed them. With DDR5-6400 it is 614 GB/s.";
    "epyc_9654" [] "AMD EPYC 9654 (96 cores, 12 channels of DDR5-4800)" 2022 {
        f32: 11.4, bf16: 22.7, int8: 45.5, bandwidth_gb_s: 460.8,
    } "hpctech.co.jp AMD EPYC 9004 (96 cores, 2.4 GHz, boost 3.7 GHz, 12 channels of DDR5-4800: 12 x 8 B x 4.8 GT/s; AVX-512 over 256-bit data paths); 32 FLOP of f32 a cycle and core: two products and sums of 256 bits (wlog.flatlib.jp 2024/01/13, of Zen 2 to 4); VDPBF16PS and VPDPBUSD two and four times that, as their elements are", "Peaks at the boost of 3.7 GHz. FluidX3D lists 43.62 TFLOP/s of f32 of two sockets, 64 FLOP a cycle and core, and 922 GB/s.";
    "epyc_9754" [] "AMD EPYC 9754 (128 cores, 12 channels of DDR5-4800)" 2023 {
        f32: 12.7, bf16: 25.4, int8: 50.8, bandwidth_gb_s: 460.8,
    } "hpctech.co.jp AMD EPYC 9004 (128 cores, 2.25 GHz, boost 3.1 GHz, 12 channels of DDR5-4800: 12 x 8 B x 4.8 GT/s); 32 FLOP of f32 a cycle and core, VDPBF16PS and VPDPBUSD two and four times that, as the EPYC 9654", "Peaks at the boost of 3.1 GHz. FluidX3D lists 50.79 TFLOP/s of f32 of two sockets, 64 FLOP a cycle and core, and 922 GB/s.";
    "grace" [] "NVIDIA Grace CPU (72 cores, LPDDR5X)" 2023 {
        f32: 7.88, bf16: 31.5, int8: 63.0, memory_gb: 480.0, bandwidth_gb_s: 384.0,
    } "ProjectPhysX/FluidX3D README.md (data sheet figures): GH200 Neoverse-V2 CPU, 7.88 TF, 480 GB, 384 GB/s, that is 72 cores x 32 FLOP x 3.42 GHz; Arm Neoverse V2 Core Software Optimization Guide (BFMMLA and SMMLA of 32 and 64 operations, four a cycle)", "With 120 or 240 GB of memory it has 500 GB/s (developer.nvidia.com Grace CPU Superchip architecture: 1 TB/s of two).";
}
