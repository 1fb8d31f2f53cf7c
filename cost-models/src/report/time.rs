//! Calibrated times beside bounds.

use cost_core::cost::{Collective, Kernel};
use cost_core::hardware::Hardware;
use cost_core::time::{ANY, Calibrated, Features, Sum};
use serde::Serialize;

use crate::error::Error;
use crate::mesh::{Placed, link};

/// How calibrated times are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timed<'a> {
    /// Whose kernels; all that were measured if nobody's.
    pub engine: Option<&'a str>,
    /// Whether kernels are launched one by one, without graphs.
    pub eager: bool,
}

/// What something takes on a device by constants that were fitted to measured times.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalibratedTime {
    /// Seconds.
    pub calibrated_s: f64,
    /// Eight times of ten it is from this many seconds,
    pub low_s: f64,
    /// to this many.
    pub high_s: f64,
    /// The share of the time that has constants; the rest counts as its bound.
    pub known: f64,
    /// The share that was computed beyond the shapes that were measured.
    pub extrapolated: f64,
    /// Whose kernels.
    pub engine: String,
    /// The device that the constants were fitted on; none if there are none.
    pub constants_of: Option<String>,
    /// Seconds of exchanges; only on a mesh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_s: Option<f64>,
}

impl Timed<'_> {
    /// The engine's name.
    pub fn name(&self) -> &str {
        self.engine.unwrap_or(ANY)
    }

    /// The time of kernels one after the other, and of one repetition of each.
    pub fn kernels(
        &self,
        kernels: &[Kernel<u128>],
        device: &Hardware,
    ) -> cost_core::Result<(CalibratedTime, Vec<f64>)> {
        let mut sum = Sum::default();
        let mut each = Vec::with_capacity(kernels.len());
        for kernel in kernels {
            let of = Features::of(kernel, device)?;
            let one = self.one(&of, device);
            sum.add(&of, &one, kernel.repeat as f64);
            each.push(one.seconds);
        }
        Ok((self.finished(&sum, device), each))
    }

    /// The time of a kernel; its bound if the device has no constants.
    pub fn one(&self, of: &Features, device: &Hardware) -> Calibrated {
        match &device.times {
            Some(times) => times.time(self.name(), of),
            None => Calibrated { seconds: of.bound(), low: of.bound(), high: of.bound(), ..Calibrated::default() },
        }
    }

    /// The time of kernels that were added up.
    pub fn finished(&self, sum: &Sum, device: &Hardware) -> CalibratedTime {
        let times = device.times.as_deref();
        let launch = times.and_then(|times| times.gap(self.name())).filter(|_| self.eager).and_then(|gap| gap.eager);
        let all = sum.finish(launch);
        let share = |part: f64| if all.seconds > 0.0 { part / all.seconds } else { 0.0 };
        CalibratedTime {
            calibrated_s: all.seconds,
            low_s: all.low,
            high_s: all.high,
            known: share(all.known),
            extrapolated: share(all.extrapolated),
            engine: self.name().to_owned(),
            constants_of: times.map(|times| times.device.clone()),
            link_s: None,
        }
    }
}

impl CalibratedTime {
    /// With exchanges: one after the other, or while kernels run.
    pub(super) fn exchanging(
        &mut self,
        exchanged: &[Collective<u128>],
        placed: &Placed,
        device: &Hardware,
        timing: super::Timing,
    ) -> Result<(), Error> {
        let own = device.times.as_deref();
        let [seconds, low, high, known] = exchanged.iter().try_fold([0.0; 4], |sum, it| {
            let bound = link::time(it, placed, device, timing.latency)?;
            let fitted = own.and_then(|times| times.exchange(it.kind.name())).zip(link::inside(it, placed, device));
            let repeat = it.repeat as f64;
            let [one, low, high, known] = match fitted {
                Some((fitted, (sent, speed))) => {
                    let one = fitted.seconds(it.ranks as f64, sent, speed).max(bound);
                    [one, (one * fitted.low).max(bound), one * fitted.high, one]
                }
                None => [bound, bound, bound, 0.0],
            };
            Ok::<_, Error>([
                sum[0] + one * repeat,
                sum[1] + low * repeat,
                sum[2] + high * repeat,
                sum[3] + known * repeat,
            ])
        })?;
        let local = self.calibrated_s;
        if timing.in_turn {
            let all = local + seconds;
            (self.known, self.extrapolated) = ((self.known * local + known) / all, self.extrapolated * local / all);
            self.low_s = all - (local - self.low_s).hypot(seconds - low);
            self.high_s = all + (self.high_s - local).hypot(high - seconds);
            self.calibrated_s = all;
        } else {
            self.calibrated_s = local.max(seconds);
            self.low_s = self.low_s.max(low);
            self.high_s = self.high_s.max(high);
        }
        self.link_s = Some(seconds);
        Ok(())
    }
}
