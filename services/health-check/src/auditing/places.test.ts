import { expect, test } from "vitest";
import { openPlaces } from "./places.ts";

test("no more are at work than there are places, and whoever leaves one, well or not, leaves it to whoever came first", async () => {
  const places = openPlaces(2);
  const begun: string[] = [];
  const take = (name: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const taken = places.take(() => {
      begun.push(name);
      return promise;
    });
    return { taken, end: () => resolve(name), fail: () => reject(new Error(name)) };
  };
  const [first, second, third, fourth] = ["a", "b", "c", "d"].map(take);
  expect(begun).toEqual(["a", "b"]);
  second?.fail();
  await expect(second?.taken).rejects.toThrow("b");
  expect(begun).toEqual(["a", "b", "c"]);
  first?.end();
  expect(await first?.taken).toBe("a");
  expect(begun).toEqual(["a", "b", "c", "d"]);
  third?.end();
  fourth?.end();
  await Promise.all([third?.taken, fourth?.taken]);
  take("e").end();
  expect(begun.at(-1)).toBe("e");
});
