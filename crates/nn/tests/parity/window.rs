//! Answers to `xtask/parity/families/window.py`.

use gradus_tensor::{Conv2dOptions, Float, Pool2dOptions};

use crate::case::{Answer, Case, Options, Output, float};

pub(crate) fn answer<T: Float>(case: &Case<'_, T>) -> Answer<T> {
    let (x, options) = (case.x(0), case.options);
    if case.op == "F.max_pool2d" {
        let indices = x.value().max_pool2d(windows(options)).1.indices();
        return Some(vec![Output::Float(x.max_pool2d(windows(options))), Output::Integers(indices)]);
    }
    float(match case.op {
        "F.conv2d" => {
            let [stride, padding, dilation] = ["stride", "padding", "dilation"].map(|name| options.array(name));
            let settings = Conv2dOptions { stride, padding, dilation, groups: options.size("groups") };
            x.conv2d(case.x(1), case.get(2), settings)
        }
        "F.avg_pool2d" => x.avg_pool2d(windows(options)),
        "F.adaptive_avg_pool2d" => x.adaptive_avg_pool2d(options.array("output_size")),
        _ => return None,
    })
}

fn windows(options: Options<'_>) -> Pool2dOptions {
    let [kernel_size, stride, padding] = ["kernel_size", "stride", "padding"].map(|name| options.array(name));
    Pool2dOptions { kernel_size, stride, padding }
}
