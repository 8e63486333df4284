using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Qanat.Cli.Iproute2;
using Qanat.Cli.Sight;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat top</c>: peers and tunnels, and how fast packets pass, each second anew.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>The command.</summary>
    public static Command Create(GlobalOptions options, Session session)
    {
        var name = InterfaceArgument.Create("The interface; all that there are, and the tunnels, when it is not given", session);
        var once = new Option<bool>("--once", "-1")
        {
            Description = "Print one table, of a second, and end: the default where there is no terminal",
        };
        var json = new Option<bool>("--json", "-j") { Description = "Print one JSON document, of a second" };
        var command = new Command("top", "Show the peers of WireGuard interfaces, and tunnels: rates, round trips, drops.")
        {
            name, once, json,
        };
        command.SetAction(parsed =>
        {
            var wanted = InterfaceArgument.Find(parsed.GetValue(name), session);
            var sampler = new Sampler(session.Interfaces(), session.Connect(), wanted, TimeProvider.System);
            if (!parsed.GetValue(json) && !options.Json && !parsed.GetValue(once) && HasTerminal)
                return Watch(sampler);
            var view = Measure(sampler);
            if (parsed.GetValue(json) || options.Json)
                session.Out.Write(view.ToJson());
            else
                Print(view, session);
            return 0;
        });
        return command;
    }

    private static bool HasTerminal =>
        !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    private static TopView Measure(Sampler sampler)
    {
        var before = sampler.Take();
        Thread.Sleep(s_interval);
        return sampler.Take().Since(before, TimeProvider.System);
    }

    private static int Watch(Sampler sampler)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        Show(sampler, stop.Token);
        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true; // the cursor is to come back first
            stop.Cancel();
        }
    }

    // Not inlined, so that Spectre.Console stays unloaded where these are not called.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Show(Sampler sampler, CancellationToken stop) => TopScreen.Show(sampler, s_interval, TimeProvider.System, stop);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Print(TopView view, Session session) => TopScreen.Print(view, session.Out, TimeProvider.System);
}
