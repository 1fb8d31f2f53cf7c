//! The built-in devices: vendors' dense peaks, with their sources.

use super::{Figures, Row};

macro_rules! devices {
    ($($id:literal [$($alias:literal)*] $name:literal $year:literal { $($figure:ident: $value:literal,)* } $source:literal, $note:literal;)*) => {
        /// Every built-in device, oldest family first.
        pub(super) const DEVICES: &[Row] = &[$(Row {
            id: $id,
            aliases: &[$($alias),*],
            name: $name,
            year: $year,
            figures: Figures { $($figure: Some($value),)* ..Figures::NONE },
            source: $source,
            note: $note,
        },)*];
    };
}

// Peaks in dense TFLOP/s (TOP/s for integers), memory in GB, bandwidth in GB/s, L2 in MiB, links in GB/s per direction.
// Shared memory that one thread block can take, in KiB, is that of the architecture: NVIDIA's tuning guides for Volta,
// Turing, Ampere, Ada, Hopper and Blackwell; AMD's CDNA 2, 3 and 4 instruction set guides (LDS of a compute unit).
devices! {
    "v100_sxm2" ["v100"] "V100 SXM2 (fp16 only: no bf16)" 2017 {
        bf16: 125.0, memory_gb: 32.0, bandwidth_gb_s: 900.0, shared_kib: 96.0, l2_mib: 6.0, sms: 80.0,
    } "winston-zhang-orz/gpu-specs specs.md (SXM2 125, PCIe 112, V100S 130 TF); techrival.com V100 table (900 GB/s class HBM2, L2 6144 KB, 80 SM); lambdabrendan gpu_specs.csv", "Launch tables say 120 TFLOP/s, at 1455 MHz; 112 is the PCIe part. Some lists say 897 GB/s.";
    "titan_rtx" [] "Titan RTX (fp16 only: no bf16)" 2018 {
        bf16: 130.0, memory_gb: 24.0, bandwidth_gb_s: 672.0, shared_kib: 64.0, l2_mib: 6.0, sms: 72.0, link_gb_s: 50.0,
    } "tomshardware.com 38184 (130 TF, 672 GB/s, L2 6 MB, 576 TC); hothardware.com; dabio.net (NVLink 100 GB/s total)", "130.5 computed: 576 tensor cores x 128 FLOP x 1.77 GHz. Unlike GeForce parts it keeps the full rate with fp32 accumulate.";
    "a100_sxm" ["a100"] "A100 SXM4 80GB" 2020 {
        bf16: 312.0, int8: 624.0, memory_gb: 80.0, bandwidth_gb_s: 2039.0, shared_kib: 163.0, l2_mib: 40.0, sms: 108.0, link_gb_s: 300.0,
    } "aiconfigurator-core 0.12.0 systems/a100_sxm.yaml; glennklockwood.com/garden/processors/A100 (NVIDIA datasheet); thundercompute.com A100 specs (L2 40 MB)", "Some tools list the 40 GB part (1555 GB/s) as plain A100.";
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
    "rtx_3090" ["3090"] "GeForce RTX 3090" 2020 {
        bf16: 71.0, memory_gb: 24.0, bandwidth_gb_s: 936.0, shared_kib: 99.0, l2_mib: 6.0, sms: 82.0,
    } "apoorvkh/academic-pretraining issue 3 (GA102 whitepaper p.44: bf16 fp32-accumulate ~70); holynerdvana table (142 fp16-accumulate, 285 sparse, 936 GB/s, L2 6)", "Three \"peaks\" in use: 71 (fp32 acc.), 142 (fp16 acc.), 285 (sparse)";
    "rtx_3090_ti" ["3090ti"] "GeForce RTX 3090 Ti" 2022 {
        bf16: 80.0, memory_gb: 24.0, bandwidth_gb_s: 1008.0, shared_kib: 99.0, l2_mib: 6.0, sms: 84.0,
    } "tweaktown.com 84164 (84 SM, 1860 MHz, 1008 GB/s); mobylak.com Ada table (320 TF sparse fp16); bf16 = 84 SM x 512 flop/clk x 1.86 GHz", "160 TFLOP/s is the dense rate with fp16 accumulate; with fp32 accumulate (always, for bf16) it is 80.";
    "rtx_4090" ["4090"] "GeForce RTX 4090" 2022 {
        bf16: 165.2, fp8: 330.3, int8: 660.6, memory_gb: 24.0, bandwidth_gb_s: 1008.0, shared_kib: 99.0, l2_mib: 72.0, sms: 128.0,
    } "hmc-tech.com RTX 4090 vs RTX PRO 5000 (FP16-32 165.2, FP16-16 330.3, BF16 165.2, FP8-32 330.3, FP8-16 660.6, INT8 660.6, L2 73.7 MB); mikasenghaas gist (165e12 / 1.008e12)", "330 TFLOP/s is the dense rate with fp16 accumulate; with fp32 accumulate it is 165.2. 661 (fp16) and 1321 (fp8) in press tables are sparse.";
    "rtx_5090" ["5090"] "GeForce RTX 5090" 2025 {
        bf16: 209.5, fp8: 419.0, int8: 838.0, fp4: 1676.0, memory_gb: 32.0, bandwidth_gb_s: 1792.0, shared_kib: 99.0, l2_mib: 96.0, sms: 170.0, link_gb_s: 64.0,
    } "hmc-tech sibling card for the 1:2 fp32-accumulate ratio of fp8; codesota.com/hardware/rtx-5090 (dense 209.5, 1792 GB/s); spheron.network (838 sparse fp16, 1676.8 sparse fp8, 3352 sparse fp4, 170 SM); fpsbench.com (L2 96 MB, 1.79 TB/s); castromedia (838 dense int8)", "838 TFLOP/s in press tables is sparse and fp16 accumulate, four times the bf16 rate. Some lists say 1790 GB/s. Measured products of 234 to 240 TFLOP/s exceed the figure: the chip boosts above its rated clock.";
    "rtx_pro_6000_server" ["rtx_pro_6000"] "RTX PRO 6000 Blackwell Server Edition" 2025 {
        bf16: 467.8, fp8: 935.6, int8: 935.6, fp4: 1871.2, memory_gb: 96.0, bandwidth_gb_s: 1597.0, shared_kib: 99.0, l2_mib: 128.0, sms: 188.0, link_gb_s: 64.0,
    } "aiconfigurator-core 0.12.0 systems/rtx_pro_6000_server.yaml for TFLOP/s (scaled to 2430 MHz); 1597 GB/s: 9 public files quoting the NVIDIA product page; L2 128 MB: topcpu.net", "The Workstation part has 1792 GB/s. The best measured is 1575 GB/s. Others list 480 or 503.8 TFLOP/s (Workstation clock).";
    "l4" [] "L4" 2023 {
        bf16: 121.0, fp8: 242.0, int8: 242.0, memory_gb: 24.0, bandwidth_gb_s: 300.0, shared_kib: 99.0, l2_mib: 48.0, sms: 58.0, link_gb_s: 32.0,
    } "aiconfigurator-core 0.12.0 systems/l4.yaml; winston-zhang-orz/gpu-specs", "L2 48 MB is full AD104 (mobylak.com); SM count not sourced";
    "l40s" [] "L40S" 2023 {
        bf16: 362.05, fp8: 733.0, int8: 733.0, memory_gb: 48.0, bandwidth_gb_s: 864.0, shared_kib: 99.0, l2_mib: 96.0, sms: 142.0, link_gb_s: 32.0,
    } "aiconfigurator-core 0.12.0 systems/l40s.yaml; mullet.se (NVIDIA table 362.05|733*, 733|1466*); AD102 L2 98304 KB: thefpsreview.com", "Several pages list 183 dense and 366 sparse TFLOP/s, which measured 297 rules out. One list says 48 MB of L2; measured cache hits say 96 MiB.";
    "h100_sxm" ["h100"] "H100 SXM5 80GB" 2022 {
        bf16: 989.4, fp8: 1978.9, int8: 1978.9, memory_gb: 80.0, bandwidth_gb_s: 3350.0, shared_kib: 227.0, l2_mib: 50.0, sms: 132.0, link_gb_s: 450.0,
    } "aiconfigurator-core 0.12.0 systems/h100_sxm.yaml (989/1978/3350); glennklockwood.com/garden/processors/h100 (989.4/1978.9); hpctech.co.jp (3350 GB/s, L2 50 MB, 132 SM)", "3350 GB/s is the datasheet's rounding; profilers report 3352 (2619 MHz x 2 x 5120 bit / 8). Other tools use 3072 and 3400; early pages say 3000.";
    "h100_pcie" [] "H100 PCIe 80GB" 2022 {
        bf16: 756.5, fp8: 1513.0, int8: 1513.0, memory_gb: 80.0, bandwidth_gb_s: 2000.0, shared_kib: 227.0, l2_mib: 50.0, sms: 114.0, link_gb_s: 300.0,
    } "aiconfigurator-core 0.12.0 systems/h100_pcie.yaml; hpctech.co.jp (114 SM, NVLink bridge 600 GB/s total)", "LLM-Viewer 2048 GB/s; aiconfigurator assumes no bridge (64 GB/s)";
    "h800_sxm" ["h800"] "H800 SXM" 2023 {
        bf16: 989.0, fp8: 1979.0, int8: 1979.0, memory_gb: 80.0, bandwidth_gb_s: 3350.0, shared_kib: 227.0, l2_mib: 50.0, sms: 132.0, link_gb_s: 200.0,
    } "deepseek-ai/FlashMLA issue 75 (3.35 TB/s, 989 dense); alibaba/InferSim hardware/gpu.py (NVLink 400 GB/s total, 132 SM)", "InferSim uses 3430 GB/s";
    "h20" [] "H20 96GB" 2023 {
        bf16: 148.0, fp8: 296.0, int8: 296.0, memory_gb: 96.0, bandwidth_gb_s: 4000.0, shared_kib: 227.0, l2_mib: 60.0, sms: 78.0, link_gb_s: 450.0,
    } "alibaba/InferSim hardware/gpu.py (148/296, 78 SM, NVLink 900 total); H20-vs-H800 table in a public DeepSeek-on-H20 blog (4000 GB/s); zangshuxian.com. L2 60 MiB is NOT sourced (upper guess: full GH100)", "The 60 MiB of L2 are not sourced. Other tools use 4096 and 4022 GB/s.";
    "h200_sxm" ["h200"] "H200 SXM 141GB" 2024 {
        bf16: 989.4, fp8: 1978.9, int8: 1978.9, memory_gb: 141.0, bandwidth_gb_s: 4800.0, shared_kib: 227.0, l2_mib: 50.0, sms: 132.0, link_gb_s: 450.0,
    } "aiconfigurator-core 0.12.0 systems/h200_sxm.yaml; mlcommons inference_results_v4.1 H200-SXM system json (141 GB, 900 GB/s NVLink); Hopper die as H100", "Saulelectric.com calls 1970 \"dense\" (it is sparse)";
    "b200_sxm" ["b200"] "B200 SXM (HGX, 180GB)" 2024 {
        bf16: 2250.0, fp8: 4500.0, int8: 4500.0, fp4: 9000.0, memory_gb: 180.0, bandwidth_gb_s: 7672.0, shared_kib: 227.0, l2_mib: 126.5, sms: 148.0, link_gb_s: 900.0,
    } "aiconfigurator-core 0.12.0 systems/b200_sxm.yaml (2250/4500/9000, 180 GiB); pytorch/ao PR 4002 device query (7680 bit x 3996 MHz x 2 = 7.672 TB/s, L2 126.5 MB, 148 SM)", "8000 GB/s on most pages is the 192 GB part; others list 7700. The best measured is 7167 GB/s.";
    "gb200" [] "GB200 (per GPU)" 2024 {
        bf16: 2500.0, fp8: 5000.0, int8: 5000.0, fp4: 10000.0, memory_gb: 186.0, bandwidth_gb_s: 8000.0, shared_kib: 227.0, l2_mib: 126.5, sms: 152.0, link_gb_s: 900.0,
    } "aiconfigurator-core 0.12.0 systems/gb200.yaml; glennklockwood.com/garden/processors/B200; docs.nvidia.com MIG guide (186 GB); 152 SMs: four public repos", "GenZ \"GB200\" 4500 and \"GH200\" 1979 take fp8/sparse numbers as 16-bit peaks; InferSim GB200 13400 GB/s";
    "b300_sxm" ["b300"] "B300 SXM (HGX)" 2025 {
        bf16: 2250.0, fp8: 4500.0, int8: 153.5, fp4: 14000.0, memory_gb: 288.0, bandwidth_gb_s: 7750.0, shared_kib: 227.0, l2_mib: 126.5, sms: 148.0, link_gb_s: 900.0,
    } "aiconfigurator-core 0.12.0 systems/b300_sxm.yaml (fp4 14 PF, 62 TB/s / 8); datacrunch-research/blogs blackwell-vms (14 PF, 8 TB/s); 148 SM: public repo", "Fp4 dense 13125 (glennklockwood) vs 14000; bf16 2500-3500 on some blogs (itkb.uw.cz 3500); bandwidth 7750 vs 8000";
    "gb300" [] "GB300 (per GPU)" 2025 {
        bf16: 2500.0, fp8: 5000.0, int8: 165.0, fp4: 15000.0, memory_gb: 288.0, bandwidth_gb_s: 8000.0, shared_kib: 227.0, l2_mib: 126.5, sms: 152.0, link_gb_s: 900.0,
    } "aiconfigurator-core 0.12.0 systems/gb300.yaml; glennklockwood.com/garden/processors/B300 (1.1 EF / 72)", "SM count taken as GB200; not sourced";
    "b60" [] "Intel Arc Pro B60" 2025 {
        bf16: 98.3, int8: 197.0, memory_gb: 24.0, bandwidth_gb_s: 456.0, l2_mib: 18.0, sms: 20.0, link_gb_s: 28.4,
    } "aiconfigurator-core 0.12.0 systems/b60.yaml (98.3 TF, no native fp8, 456 GB/s). L2 18 MiB and 20 Xe cores NOT sourced", "The 18 MiB of L2 and 20 cores are not sourced. Measurements reach both figures.";
    "mi210" [] "AMD MI210" 2021 {
        bf16: 181.0, int8: 181.0, memory_gb: 64.0, bandwidth_gb_s: 1638.0, shared_kib: 64.0, l2_mib: 8.0, sms: 104.0, link_gb_s: 150.0,
    } "cli99/llm-analysis gpu_configs/mi210-64gb.json (181 TF, 1638 GB/s). L2 and CU count not sourced", "Llm-analysis lists int8 362";
    "mi300x" [] "AMD MI300X" 2023 {
        bf16: 1307.4, fp8: 2614.9, int8: 2614.9, memory_gb: 192.0, bandwidth_gb_s: 5300.0, shared_kib: 64.0, l2_mib: 256.0, sms: 304.0,
    } "awesomeagents.ai amd-mi325x (same compute: 1307.4 / 2614.9 dense; 5.3 TB/s; 304 CU); unanswered.io (256 MB Infinity Cache); GenZ system_configs", "Codesota.com lists 2615 as dense fp16 (it is fp8 dense / fp16 sparse)";
    "mi325x" [] "AMD MI325X" 2024 {
        bf16: 1307.4, fp8: 2614.9, int8: 2614.9, memory_gb: 256.0, bandwidth_gb_s: 6000.0, shared_kib: 64.0, l2_mib: 256.0, sms: 304.0,
    } "awesomeagents.ai/hardware/amd-mi325x; unanswered.io", "";
    "mi355x" [] "AMD MI355X" 2025 {
        bf16: 2500.0, memory_gb: 288.0, bandwidth_gb_s: 8000.0, shared_kib: 160.0,
    } "AMD-AGI/Primus PR 772 and pytorch/torchtitan PR 4779 (2500 bf16; MI350X 2300); boston-uk (288 GB, 8 TB/s)", "Infinity Cache 64 MB (boston-uk) against 256 MB on sibling parts: left blank";
    "tpu_v5e" [] "Google TPU v5e" 2023 {
        bf16: 197.0, int8: 394.0, memory_gb: 16.0, bandwidth_gb_s: 810.0, link_gb_s: 45.0,
    } "jax-ml/scaling-book tpus.md table", "Same book text uses 820 GB/s and 2e14; GenZ 820";
    "tpu_v5p" [] "Google TPU v5p" 2023 {
        bf16: 459.0, int8: 918.0, memory_gb: 96.0, bandwidth_gb_s: 2800.0, link_gb_s: 90.0,
    } "jax-ml/scaling-book tpus.md table", "2765 (GenZ), 2.5e12 in the book text, 95 GB elsewhere; ICI 90 GB/s is per axis";
    "tpu_v6e" [] "Google TPU v6e" 2024 {
        bf16: 920.0, int8: 1840.0, memory_gb: 32.0, bandwidth_gb_s: 1600.0, link_gb_s: 90.0,
    } "jax-ml/scaling-book tpus.md table", "926 / 1640 (GenZ), 918 elsewhere";
    "ai_max_395" [] "AMD Ryzen AI Max+ 395 (Radeon 8060S, 40 CU)" 2025 {
        bf16: 59.4, int8: 50.0, memory_gb: 128.0, bandwidth_gb_s: 256.0, l2_mib: 32.0, sms: 40.0,
    } "svethardware.cz 61477 (256 GB/s, NPU 50 TOPS, 2900 MHz, 40 CU); oldpan.me (~60 TF fp16); purepc.pl (32 MB MALL)", "The int8 figure is the NPU's 50 TOP/s. 51.2 TOP/s (40 CU x 512 x 2.5 GHz) over 256 GB/s, or 50 over 250, give the 200 FLOP/byte that is quoted for this part; the GPU at 2.9 GHz gives 232.";
}
