// How far apart two Regions are, as a stand-in for the latency that Route 53 measures and does not
// publish: great-circle distance between the cities the Regions are named after.
import type { Region } from "../../core/config/schema.ts";

/** Degrees north and east. */
const places: { readonly [region: Region]: readonly [number, number] } = {
  "us-east-1": [38.9, -77.4],
  "us-east-2": [40.0, -83.0],
  "us-west-1": [37.4, -121.9],
  "us-west-2": [45.8, -119.7],
  "ca-central-1": [45.5, -73.6],
  "ca-west-1": [51.0, -114.1],
  "mx-central-1": [20.6, -100.4],
  "sa-east-1": [-23.5, -46.6],
  "eu-west-1": [53.3, -6.3],
  "eu-west-2": [51.5, -0.1],
  "eu-west-3": [48.9, 2.4],
  "eu-central-1": [50.1, 8.7],
  "eu-central-2": [47.4, 8.5],
  "eu-north-1": [59.3, 18.1],
  "eu-south-1": [45.5, 9.2],
  "eu-south-2": [41.6, -0.9],
  "ap-northeast-1": [35.7, 139.7],
  "ap-northeast-2": [37.6, 127.0],
  "ap-northeast-3": [34.7, 135.5],
  "ap-southeast-1": [1.3, 103.8],
  "ap-southeast-2": [-33.9, 151.2],
  "ap-southeast-3": [-6.2, 106.8],
  "ap-southeast-4": [-37.8, 145.0],
  "ap-southeast-5": [3.1, 101.7],
  "ap-southeast-6": [-36.8, 174.8],
  "ap-southeast-7": [13.8, 100.5],
  "ap-south-1": [19.1, 72.9],
  "ap-south-2": [17.4, 78.5],
  "ap-east-1": [22.3, 114.2],
  "ap-east-2": [25.0, 121.5],
  "af-south-1": [-33.9, 18.4],
  "me-south-1": [26.1, 50.6],
  "me-central-1": [24.5, 54.4],
  "il-central-1": [32.1, 34.8],
};

const farAwayKilometres = 20_000;
const earthRadiusKilometres = 6371;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** 0 for the same Region; a Region not listed is as far away as can be. */
export function distanceKilometres(a: Region, b: Region): number {
  if (a === b) return 0;
  const here = places[a];
  const there = places[b];
  if (here === undefined || there === undefined) return farAwayKilometres;
  const [latitudeA, longitudeA] = here.map(radians);
  const [latitudeB, longitudeB] = there.map(radians);
  return haversine(latitudeA ?? 0, longitudeA ?? 0, latitudeB ?? 0, longitudeB ?? 0);
}

function haversine(latA: number, lonA: number, latB: number, lonB: number): number {
  const chord =
    Math.sin((latB - latA) / 2) ** 2 +
    Math.cos(latA) * Math.cos(latB) * Math.sin((lonB - lonA) / 2) ** 2;
  return 2 * earthRadiusKilometres * Math.asin(Math.sqrt(chord));
}
