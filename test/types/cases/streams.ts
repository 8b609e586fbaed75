/** Streaming methods: what counts as one, and the items. */
import { HubConnectionBuilder, Subject, type IStreamResult, type StreamResult } from "hubwire";

interface Price {
  readonly currency: string;
  readonly value: number;
}

interface PriceServer {
  Prices(currency: string): AsyncIterable<Price>;
  Generated(): AsyncGenerator<number>;
  Later(): Promise<AsyncIterable<string>>;
  Readable(): ReadableStream<boolean>;
  Result(): IStreamResult<bigint>;
  Pushed(): Subject<Date>;
  Never(): AsyncIterable<never>;
  Once(): number;
  List(): Iterable<number>;
  Echo(items: AsyncIterable<number>): AsyncIterable<string>;
}

const connection = new HubConnectionBuilder().withUrl("/prices").build<PriceServer>();

connection.stream("");
//                ~~ Argument of type '""' is not assignable to parameter of type '"Echo" | "Generated" | "Later" | "Never" | "Prices" | "Pushed" | "Readable" | "Result"'.
//                 ^| Echo, Generated, Later, Never, Prices, Pushed, Readable, Result
connection.invoke("");
//                ~~ Argument of type '""' is not assignable to parameter of type '"List" | "Once"'.
//                 ^| List, Once
connection.stream("Prices", "EUR");
//         ^? (method) HubConnection<PriceServer, any>.stream<"Prices">(methodName: "Prices", currency: string): StreamResult<Price>
connection.stream("Prices");
//         ~~~~~~ Expected 2 arguments, but got 1.
connection.stream("Prices", 1);
//                          ~ Argument of type 'number' is not assignable to parameter of type 'string'.
connection.stream("Generated");
//         ^? (method) HubConnection<PriceServer, any>.stream<"Generated">(methodName: "Generated"): StreamResult<number>
connection.stream("Later");
//         ^? (method) HubConnection<PriceServer, any>.stream<"Later">(methodName: "Later"): StreamResult<string>
connection.stream("Readable");
//         ^? (method) HubConnection<PriceServer, any>.stream<"Readable">(methodName: "Readable"): StreamResult<boolean>
connection.stream("Result");
//         ^? (method) HubConnection<PriceServer, any>.stream<"Result">(methodName: "Result"): StreamResult<bigint>
connection.stream("Pushed");
//         ^? (method) HubConnection<PriceServer, any>.stream<"Pushed">(methodName: "Pushed"): StreamResult<Date>
connection.stream("Never");
//         ^? (method) HubConnection<PriceServer, any>.stream<"Never">(methodName: "Never"): StreamResult<never>
connection.stream("Once");
//                ~~~~~~ Argument of type '"Once"' is not assignable to parameter of type '"Echo" | "Generated" | "Later" | "Never" | "Prices" | "Pushed" | "Readable" | "Result"'.
connection.stream("List");
//                ~~~~~~ Argument of type '"List"' is not assignable to parameter of type '"Echo" | "Generated" | "Later" | "Never" | "Prices" | "Pushed" | "Readable" | "Result"'.
connection.stream("Echo", new Subject<number>());
//         ^? (method) HubConnection<PriceServer, any>.stream<"Echo">(methodName: "Echo", items: StreamSource<number>): StreamResult<string>
connection.stream("Echo", new Subject<string>());
//                        ~~~~~~~~~~~~~~~~~~~~~ Argument of type 'Subject<string>' is not assignable to parameter of type 'StreamSource<number>'.
connection.invoke("Prices", "EUR");
//                          ~~~~~ Expected 1 arguments, but got 2.

export async function read(): Promise<void> {
  for await (const price of connection.stream("Prices", "EUR")) {
    const { value } = price;
    //      ^? const value: number
    if (value > 1) break;
    price.amount;
    //    ~~~~~~ Property 'amount' does not exist on type 'Price'.
  }
}

const subscription = connection.stream("Prices", "EUR").subscribe({
  next: (price) => void price.value.toFixed(2),
  //     ^? (parameter) price: Price
  error: (error) => void error,
  complete: () => undefined,
});
subscription.dispose();
connection.stream("Prices", "EUR").subscribe({ next: (text: string) => void text, error() {}, complete() {} });
//                                             ~~~~ Type '(text: string) => undefined' is not assignable to type '(value: Price) => void'.

const kept: StreamResult<Price> = connection.stream("Prices", "EUR");
const wrong: StreamResult<string> = connection.stream("Prices", "EUR");
//    ~~~~~ Type 'StreamResult<Price>' is not assignable to type 'StreamResult<string>'.
void [kept, wrong];
