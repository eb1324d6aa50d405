/** Charts over time, drawn by uPlot, which is loaded with the first of them. Beside each stands its table: a canvas says nothing to a screen reader. */
import { html, useEffect, useRef, useState } from "./ui.js";
import { short } from "./format.js";

/** Of the palette of style.css. */
const colours = 8;

const cssValue = (name) => {
  // light-dark() is resolved by an element that uses it, not by the variable.
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

/** The variable of a series: its own, where a colour means something, or the next of the palette. */
const seriesColour = (series, i) => series[i].colour ?? `--c${(i % colours) + 1}`;

let library;
/** uPlot and its few rules of style, once. */
const load = () => {
  library ??= (async () => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("./lib/uplot.css", import.meta.url).href;
    const styled = new Promise((resolve) => {
      link.addEventListener("load", resolve);
      link.addEventListener("error", resolve);
    });
    document.head.append(link);
    const [{ default: UPlot }] = await Promise.all([import("./lib/uplot.js"), styled]);
    return UPlot;
  })();
  return library;
};

/** The sums of the series from each one on: drawn one over the other, they stand as a stack. */
const stacked = (series) =>
  series.map((_, from) =>
    series[0].values.map((_, at) =>
      series.slice(from).reduce((sum, { values }) => sum + (values[at] ?? 0), 0),
    ),
  );

const axisText = (format) => (_plot, values) =>
  values.map((value) => (value === null ? "" : short(format(value))));

const optionsOf = (UPlot, { width, series, bars, format, hours, top }, onIndex) => {
  const soft = cssValue("--soft");
  const line = cssValue("--line");
  const axis = {
    stroke: soft,
    font: "11px system-ui, sans-serif",
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
  };
  const zone = new Date();
  return {
    width,
    height: 208,
    padding: [12, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: !bars } },
    scales: {
      x: { time: true },
      y: { range: (_plot, _low, high) => [0, top ?? (high > 0 ? high * 1.08 : 1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        space: 56,
        values: (_plot, splits) =>
          splits.map((split) => {
            const date = new Date(split * 1000);
            return hours && date.getHours() + date.getMinutes() > 0
              ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false })
              : date.toLocaleDateString([], {
                  day: "numeric",
                  month: "short",
                  ...(date.getFullYear() !== zone.getFullYear() && { year: "2-digit" }),
                });
          }),
        incrs: hours ? [3600, 7200, 10800, 21600, 43200, 86400] : [86400, 172800, 604800, 1209600, 2592000],
      },
      { ...axis, size: 58, values: axisText(format), space: 40 },
    ],
    series: [
      {},
      ...series.map(({ name }, i) => {
        const colour = cssValue(seriesColour(series, i));
        return bars
          ? {
              label: name,
              stroke: colour,
              fill: colour,
              width: 0,
              paths: UPlot.paths.bars({ size: [0.72, 48] }),
              points: { show: false },
            }
          : {
              label: name,
              stroke: colour,
              width: 2,
              spanGaps: true,
              points: { show: true, size: 5, fill: colour },
            };
      }),
    ],
    hooks: { setCursor: [({ cursor }) => onIndex(cursor.idx ?? null)] },
  };
};

const dayText = (at, hours) =>
  hours
    ? new Date(at * 1000).toLocaleString([], {
        day: "numeric",
        month: "short",
        hour: "2-digit",
        minute: "2-digit",
        hour12: false,
      })
    : new Date(at * 1000).toLocaleDateString([], { weekday: "short", day: "numeric", month: "short" });

/** Bars stand between half a step before the first and half a step behind the last. */
const padded = (times, step) => [times[0] - step / 2, times.at(-1) + step / 2];

/**
 * @param times seconds since the epoch, ascending, evenly spaced
 * @param series [{ name, values, colour? }], a value of null being a gap
 * @param top end of the upper axis; default: as far as the values go
 * @param total what the legend says of a series where the pointer is nowhere
 */
export const Chart = ({ title, times, series, format, bars = false, hours = false, top, total }) => {
  const host = useRef(null);
  const [index, setIndex] = useState(null);
  useEffect(() => {
    let plot;
    let gone = false;
    let observer;
    const drawWith = (UPlot) => {
      if (gone || host.current === null) return;
      plot?.destroy();
      const width = host.current.clientWidth;
      const options = optionsOf(UPlot, { width, series, bars, format, hours, top }, setIndex);
      const step = hours ? 3600 : 86400;
      options.scales.x.range = () => padded(times, step);
      const data = bars ? stacked(series) : series.map(({ values }) => values);
      plot = new UPlot(options, [times, ...data], host.current);
      observer ??= new ResizeObserver(() => {
        const now = host.current?.clientWidth ?? 0;
        if (now > 0 && now !== plot.width) plot.setSize({ width: now, height: 208 });
      });
      observer.observe(host.current);
    };
    const draw = () => void load().then(drawWith);
    draw();
    const media = matchMedia("(prefers-color-scheme: dark)");
    media.addEventListener("change", draw);
    addEventListener("theme", draw);
    return () => {
      gone = true;
      media.removeEventListener("change", draw);
      removeEventListener("theme", draw);
      observer?.disconnect();
      plot?.destroy();
    };
  }, [times, series]);
  const at = index !== null && index < times.length ? index : undefined;
  const figure = ({ values }) => {
    const value = at === undefined ? total(values) : values[at];
    return value === null || value === undefined ? "–" : format(value);
  };
  return html`<section class="panel chart-panel">
    <header>
      <h2>${title}</h2>
      <span class="chart-day">${at === undefined ? "" : dayText(times[at], hours)}</span>
    </header>
    <div class="chart" ref=${host} aria-hidden="true"></div>
    <ul class="chart-legend">
      ${series.map((each, i) => html`<li><i style=${{ background: `var(${seriesColour(series, i)})` }}></i>${each.name}<b>${figure(each)}</b></li>`)}
    </ul>
    <details>
      <summary>As a table</summary>
      <div class="scroll" role="region" aria-label=${`${title}, table`} tabindex="0">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">${hours ? "Hour" : "Day"}</th>
              ${series.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${times.map(
              (time, i) =>
                html`<tr>
                  <td>${dayText(time, hours)}</td>
                  ${series.map(({ values }) => html`<td class="number">${values[i] === null || values[i] === undefined ? "–" : format(values[i])}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </section>`;
};
