//! Two memories: a step on a device of whose model some weights are left in its host's memory.

use cost_core::Result;
use cost_core::cost::Kernel;
use cost_core::format::CLASSES;
use cost_core::hardware::Hardware;
use cost_core::roofline::time_of;

/// Where products with weights that the host's memory holds are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// By the host, at its own bandwidth; what else the kernel reads and writes crosses the link.
    Host,
    /// By the device; the weights cross the link.
    Device,
}

/// What stands beside a device.
#[derive(Clone, Copy, Debug)]
pub struct Offload<'a> {
    /// What its host can do.
    pub host: &'a Hardware,
    /// Who computes with the host's weights.
    pub compute: On,
}

/// What a step waits for, in the order of [`Times::of`].
const WAITS: [&str; 4] = ["compute", "memory", "host", "link"];

/// Seconds of compute, of the device's memory, of the host's, and of the link between them; and at least in all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times {
    /// By what it waits for: compute, the device's memory, the host's memory, the link.
    pub of: [f64; 4],
    /// Seconds at least.
    pub lower_bound_s: f64,
}

impl Times {
    /// What takes longest: `compute`, `memory` (the device's), `host` (the host's memory) or `link`.
    pub fn bound(&self) -> &'static str {
        let most = self.of.iter().copied().fold(0.0, f64::max);
        // What moves nothing and computes nothing is said to wait for memory, as everywhere.
        let wait = if most > 0.0 { self.of.iter().position(|time| *time >= most) } else { Some(1) };
        WAITS[wait.unwrap_or(1)]
    }
}

impl Offload<'_> {
    /// One repetition of a kernel: the longest of what it waits for.
    pub fn time(&self, kernel: &Kernel<u128>, device: &Hardware) -> Result<Times> {
        let all = kernel.bits()?.total()? as f64;
        let hosted: u128 = kernel.operands.iter().filter(|operand| operand.host).map(|operand| operand.bits).sum();
        let hosted = hosted as f64;
        let by_class: [f64; CLASSES] = kernel.flops.by_class.map(|flops| flops as f64);
        let vector = kernel.flops.vector as f64;
        let link = device.host_link();
        let of = match self.compute {
            On::Host if hosted > 0.0 => {
                let own = time_of(by_class, vector, hosted, self.host);
                [own.compute_s, 0.0, own.memory_s, (all - hosted) / 8.0 / link]
            }
            _ => {
                let own = time_of(by_class, vector, all - hosted, device);
                [own.compute_s, own.memory_s, hosted / 8.0 / self.host.bandwidth(), hosted / 8.0 / link]
            }
        };
        Ok(Times { of, lower_bound_s: of.into_iter().fold(0.0, f64::max) })
    }

    /// All repetitions of all kernels. Kernels run one after the other; but weights that cross the link can do so while
    /// kernels before run, so that all of them together bound the step, not each its own kernel.
    pub fn total(&self, kernels: &[Kernel<u128>], device: &Hardware) -> Result<Times> {
        let mut sum = Times::default();
        for kernel in kernels {
            let (one, repeat) = (self.time(kernel, device)?, kernel.repeat as f64);
            for (sum, time) in sum.of.iter_mut().zip(one.of) {
                *sum += time * repeat;
            }
            let [compute, memory, ..] = one.of;
            let own = if self.compute == On::Device { compute.max(memory) } else { one.lower_bound_s };
            sum.lower_bound_s += own * repeat;
        }
        let [.., host, link] = sum.of;
        if self.compute == On::Device {
            sum.lower_bound_s = sum.lower_bound_s.max(host).max(link);
        }
        Ok(sum)
    }
}
