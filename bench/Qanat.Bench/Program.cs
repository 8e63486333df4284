using System.Globalization;
using Qanat.Bench;

// What bench/harness/device.py measures: each command prints one line of JSON. But aead is bench/run's own, and prints a table.
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
    case ["aead"]:
        AeadRounds.Measure(rounds: 21);
        return 0;
    case ["aead", "--rounds", var rounds]:
        AeadRounds.Measure(Number(rounds));
        return 0;
    default:
        Console.Error.WriteLine("Usage: Qanat.Bench { plain | batches } DEVICE WARMUP COUNT | routes DEVICE COUNT | aead [--rounds N]");
        return 2;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
