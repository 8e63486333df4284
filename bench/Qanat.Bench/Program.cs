using System.Globalization;
using System.Net;
using Qanat.Bench;

// What bench/harness/device.py and hub.py measure: each command prints one line of JSON. But keys prints a line a key, and aead and
// lookup, which are bench/run's own, a table.
switch (args)
{
    case ["plain", var device, var warmup, var count]:
        TunLoop.Plain(device, Number(warmup), Number(count));
        return 0;
    case ["batches", var device, var warmup, var count]:
        TunLoop.Batches(device, Number(warmup), Number(count));
        return 0;
    case ["routes", var device, var count]:
        RouteTable.Fill(device, Number(count));
        return 0;
    case ["keys", var count]:
        ManyPeers.WriteKeys(Number(count));
        return 0;
    case ["handshakes", var hub, var address, var port, var count]:
        ManyPeers.Handshake(hub, IPEndPoint.Parse($"{address}:{port}"), Number(count));
        return 0;
    case ["aead"]:
        AeadRounds.Measure(rounds: 21);
        return 0;
    case ["aead", "--rounds", var rounds]:
        AeadRounds.Measure(Number(rounds));
        return 0;
    case ["lookup"]:
        LookUps.Measure(rounds: 21);
        return 0;
    case ["lookup", "--rounds", var rounds]:
        LookUps.Measure(Number(rounds));
        return 0;
    default:
        Console.Error.WriteLine("""
            Usage: Qanat.Bench { plain | batches } DEVICE WARMUP COUNT
                   Qanat.Bench routes DEVICE COUNT
                   Qanat.Bench keys COUNT
                   Qanat.Bench handshakes HUB-KEY ADDRESS PORT COUNT
                   Qanat.Bench { aead | lookup } [--rounds N]
            """);
        return 2;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
