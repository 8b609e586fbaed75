/** Streams among the arguments: any source of the right items, at any position, in any number. */
import { HubConnectionBuilder, Subject, type StreamSource, type Subscribable } from "hubwire";

interface FileServer {
  Upload(name: string, chunks: AsyncIterable<Uint8Array>): number;
  Merge(left: AsyncIterable<number>, name: string, right: AsyncIterable<string>): void;
  Record(samples?: AsyncIterable<number>): void;
  Join(...parts: AsyncIterable<number>[]): number;
  Readable(items: ReadableStream<number>): void;
  Pushed(items: Subject<number>): void;
  Either(items: AsyncIterable<number> | number): void;
  Plain(items: readonly number[]): void;
}

const connection = new HubConnectionBuilder().withUrl("/files").build<FileServer>();

declare const bytes: AsyncIterable<Uint8Array>;
declare const numbers: AsyncIterable<number>;
declare const texts: AsyncIterable<string>;
declare const readableNumbers: ReadableStream<number>;
declare const readableTexts: ReadableStream<string>;
declare const observableNumbers: Subscribable<number>;
async function* generated(): AsyncGenerator<number, void> {
  yield 1;
}
const subject = new Subject<number>();

connection.invoke("Upload", "a.bin", bytes);
//         ^? (method) HubConnection<FileServer, any>.invoke<"Upload">(methodName: "Upload", name: string, chunks: StreamSource<Uint8Array<ArrayBufferLike>>): Promise<number>
connection.send("Upload", "a.bin", bytes);
connection.invoke("Upload", "a.bin", numbers);
//                                   ~~~~~~~ Argument of type 'AsyncIterable<number>' is not assignable to parameter of type 'StreamSource<Uint8Array<ArrayBufferLike>>'.
connection.invoke("Upload", 1, bytes);
//                          ~ Argument of type 'number' is not assignable to parameter of type 'string'.
connection.invoke("Upload", "a.bin");
//         ~~~~~~ Expected 3 arguments, but got 2.
//                          ^( invoke(methodName: "Upload", «name: string», chunks: StreamSource<Uint8Array<ArrayBufferLike>>): Promise<number>
connection.invoke("Merge", numbers, "sum", texts);
connection.invoke("Merge", subject, "sum", readableTexts);
connection.invoke("Merge", readableNumbers, "sum", texts);
connection.invoke("Merge", observableNumbers, "sum", texts);
connection.invoke("Merge", generated(), "sum", texts);
connection.invoke("Merge", texts, "sum", texts);
//                         ~~~~~ Argument of type 'AsyncIterable<string>' is not assignable to parameter of type 'StreamSource<number>'.
connection.invoke("Merge", readableTexts, "sum", texts);
//                         ~~~~~~~~~~~~~ Argument of type 'ReadableStream<string>' is not assignable to parameter of type 'StreamSource<number>'.
connection.invoke("Merge", new Subject<string>(), "sum", texts);
//                         ~~~~~~~~~~~~~~~~~~~~~ Argument of type 'Subject<string>' is not assignable to parameter of type 'StreamSource<number>'.
connection.invoke("Merge", numbers, "sum", generated());
//                                         ~~~~~~~~~~~ Argument of type 'AsyncGenerator<number, void, any>' is not assignable to parameter of type 'StreamSource<string>'.
connection.invoke("Merge", numbers, texts, "sum");
//                                  ~~~~~ Argument of type 'AsyncIterable<string>' is not assignable to parameter of type 'string'.
connection.invoke("Merge", [1, 2], "sum", texts);
//                         ~~~~~~ Argument of type 'number[]' is not assignable to parameter of type 'StreamSource<number>'.
connection.invoke("Record");
connection.invoke("Record", subject);
connection.invoke("Record", new Subject<any>());
connection.invoke("Record", new Subject<string>());
//                          ~~~~~~~~~~~~~~~~~~~~~ Argument of type 'Subject<string>' is not assignable to parameter of type 'StreamSource<number> | undefined'.
connection.invoke("Record", new Subject<1 | 2>());
connection.invoke("Join", subject, numbers, readableNumbers, generated());
connection.invoke("Join", subject, numbers, texts);
//                                          ~~~~~ Argument of type 'AsyncIterable<string>' is not assignable to parameter of type 'StreamSource<number>'.
connection.invoke("Readable", subject);
connection.invoke("Readable", readableNumbers);
connection.invoke("Readable", readableTexts);
//                            ~~~~~~~~~~~~~ Argument of type 'ReadableStream<string>' is not assignable to parameter of type 'StreamSource<number>'.
connection.invoke("Pushed", numbers);
connection.invoke("Either", 1);
connection.invoke("Either", subject);
connection.invoke("Either", "one");
//                          ~~~~~ Argument of type 'string' is not assignable to parameter of type 'number | StreamSource<number>'.
connection.invoke("Plain", [1, 2]);
connection.invoke("Plain", numbers);
//                         ~~~~~~~ Argument of type 'AsyncIterable<number>' is not assignable to parameter of type 'readonly number[]'.

// As RxJS declares its observables.
interface Observable<T> {
  subscribe(observer?: { next?: (value: T) => void; error?: (error: any) => void; complete?: () => void }): {
    unsubscribe(): void;
  };
  subscribe(next: (value: T) => void): { unsubscribe(): void };
}
declare const observed: Observable<number>;
declare const observedTexts: Observable<string>;
connection.invoke("Record", observed);
connection.invoke("Record", observedTexts);
//                          ~~~~~~~~~~~~~ Argument of type 'Observable<string>' is not assignable to parameter of type 'StreamSource<number> | undefined'.

const sources: StreamSource<number>[] = [numbers, subject, readableNumbers, observableNumbers, generated()];
for (const source of sources) connection.send("Record", source);
