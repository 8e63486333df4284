using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>
/// Undoes what an interface did to its host, all that can be undone, from the record: in every ending, and after a crash.
/// </summary>
/// <param name="name">The interface.</param>
/// <param name="steps">The host, and the record.</param>
/// <param name="say">Takes a line for each thing that cannot be undone.</param>
internal sealed class TakeDown(string name, HostSteps steps, Action<string> say)
{
    private bool _failed;

    /// <summary>Undoes it.</summary>
    /// <param name="save">Whether the interface is there to be saved, and is to be.</param>
    /// <param name="liftKillSwitch">Whether everything may be let out again.</param>
    /// <param name="own">Does what is not the host's: <see cref="PlanStep.Save"/> and <see cref="PlanStep.DeleteLink"/>.</param>
    /// <returns>False when something could not be undone.</returns>
    public async Task<bool> RunAsync(bool save, bool liftKillSwitch, Func<PlanStep, Task> own)
    {
        var record = steps.Record;
        foreach (var step in Plan(record, save))
            if (step is PlanStep.Save or PlanStep.DeleteLink)
                await TryAsync(() => own(step)).ConfigureAwait(false);
            else
                Try(() => steps.Do(step));
        Try(steps.RestoreSourceValidMark);
        if (record.KillSwitch && liftKillSwitch)
            Try(steps.LiftKillSwitch);
        return !_failed;
    }

    private IReadOnlyList<PlanStep> Plan(UpRecord record, bool save)
    {
        var config = new WgQuickConfig
        {
            PreDown = record.IsWhole ? record.PreDown : [],
            PostDown = record.IsWhole ? record.PostDown : [],
            SaveConfig = save,
            DnsServers = record.Dns is null ? [] : [default],
        };
        var prefix = record.Dns is { } dns && dns.Length > name.Length ? dns[..^name.Length] : "";
        return DownPlan.Of(name, config, record.Mark, record.Families, new() { ResolverPrefix = prefix });
    }

    private void Try(Action undo) => TryAsync(() =>
    {
        undo();
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    // One thing that fails does not keep the others from being undone.
    private async Task TryAsync(Func<Task> undo)
    {
        try
        {
            await undo().ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _failed = true;
            say($"qanat: {name}: {fault.Message}");
        }
    }
}
