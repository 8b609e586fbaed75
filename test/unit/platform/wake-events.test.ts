/** The events of browsers that wake a client, on globals that look like a browser's. */
import { wakeSource } from "../../../src/platform/wake-events.js";

class FakeDocument extends EventTarget {
  visibilityState = "visible";
}

const page = new EventTarget();
const document = new FakeDocument();
const navigator = { onLine: true };
const globals = {
  addEventListener: page.addEventListener.bind(page),
  removeEventListener: page.removeEventListener.bind(page),
  document,
  navigator,
};
const before = Object.fromEntries(
  Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]),
);

beforeAll(() => {
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
});

afterEach(() => {
  document.visibilityState = "visible";
  navigator.onLine = true;
});

afterAll(() => {
  for (const [name, descriptor] of Object.entries(before)) {
    if (descriptor) Object.defineProperty(globalThis, name, descriptor);
    else Reflect.deleteProperty(globalThis, name);
  }
});

const events: [string, EventTarget][] = [
  ["online", page],
  ["pageshow", page],
  ["visibilitychange", document],
  ["resume", document],
];

it.each(events)("%s wakes, until nobody listens any more", (name, target) => {
  const callback = jest.fn();
  const stop = wakeSource.listen(callback);
  target.dispatchEvent(new Event(name));
  expect(callback).toHaveBeenCalledTimes(1);
  stop();
  target.dispatchEvent(new Event(name));
  expect(callback).toHaveBeenCalledTimes(1);
});

it("a page that becomes hidden does not wake, but a network that is back does so in a hidden page", () => {
  const callback = jest.fn();
  const stop = wakeSource.listen(callback);
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  expect(callback).not.toHaveBeenCalled();
  page.dispatchEvent(new Event("online"));
  expect(callback).toHaveBeenCalledTimes(1);
  stop();
});

it("nothing wakes while the network is known to be away", () => {
  const callback = jest.fn();
  const stop = wakeSource.listen(callback);
  navigator.onLine = false;
  expect(wakeSource.isOffline).toBe(true);
  for (const [name, target] of events) target.dispatchEvent(new Event(name));
  expect(callback).not.toHaveBeenCalled();
  stop();
});

it("is content with runtimes that have none of it", () => {
  for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name);
  expect(wakeSource.isOffline).toBe(false);
  wakeSource.listen(() => undefined)();
});
