// The official JavaScript client, to compare with.
import * as library from "@microsoft/signalr";
import { clientLibrary } from "./client-library.mjs";

export default clientLibrary("official", `@microsoft/signalr ${library.VERSION}`, library);
