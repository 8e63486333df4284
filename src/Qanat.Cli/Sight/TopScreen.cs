using Spectre.Console;

namespace Qanat.Cli.Sight;

/// <summary>Shows samples: once, or again and again on a terminal.</summary>
internal static class TopScreen
{
    /// <summary>Columns of what is no terminal: nothing is cut off.</summary>
    private const int Unlimited = 4000;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>Writes the tables once, without colours.</summary>
    public static void Print(TopView view, TextWriter output, TimeProvider time)
    {
        var console = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = Unlimited;
        console.Write(new TopTables(Unlimited, height: null, time).Draw(view));
    }

    /// <summary>Shows them each second, until somebody presses <c>q</c> or it is cancelled.</summary>
    public static void Show(Sampler sampler, TimeSpan interval, TimeProvider time, CancellationToken stop)
    {
        var console = AnsiConsole.Console;
        var before = sampler.Take();
        console.Live(Draw(before.Since(null, time))).AutoClear(true).Overflow(VerticalOverflow.Crop).Start(context =>
        {
            context.Refresh();
            while (!WantsToQuit(interval, time, stop))
            {
                var now = sampler.Take();
                context.UpdateTarget(Draw(now.Since(before, time)));
                before = now;
            }
        });

        Rows Draw(TopView view) => new(
            new TopTables(console.Profile.Width, console.Profile.Height - 1, time).Draw(view),
            new Text("q: quit", new Style(decoration: Decoration.Dim)));
    }

    private static bool WantsToQuit(TimeSpan interval, TimeProvider time, CancellationToken stop)
    {
        for (var begun = time.GetTimestamp(); time.GetElapsedTime(begun) < interval;)
        {
            while (!Console.IsInputRedirected && Console.KeyAvailable)
                if (Console.ReadKey(intercept: true).Key is ConsoleKey.Q or ConsoleKey.Escape)
                    return true;
            if (stop.WaitHandle.WaitOne(s_look))
                return true;
        }
        return false;
    }
}
