using System.Globalization;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>
/// Carries out the steps of a plan that concern the host, forth and back, says each as wg-quick does, and notes what has to be undone
/// before it is done.
/// </summary>
/// <param name="name">The interface.</param>
/// <param name="host">The host.</param>
/// <param name="records">Keeps the record.</param>
/// <param name="record">What was done before.</param>
/// <param name="say">Takes each line.</param>
internal sealed class HostSteps(string name, IUpHost host, IUpRecords records, UpRecord record, Action<string> say)
{
    /// <summary>What was done.</summary>
    public UpRecord Record { get; private set; } = record;

    /// <summary>Notes something.</summary>
    public void Note(UpRecord now)
    {
        Record = now;
        records.Save(now);
    }

    /// <summary>Says a step: <c>[#] ip link delete dev wg0</c>.</summary>
    public void Say(string command) => say($"[#] {command}");

    /// <summary>Does a step of either plan.</summary>
    /// <exception cref="IOException">It cannot be done; the message says why.</exception>
    /// <exception cref="ArgumentException">It is not the host's.</exception>
    public void Do(PlanStep step)
    {
        switch (step)
        {
            case PlanStep.SetDns dns:
                SetDns(dns);
                return;
            case PlanStep.UnsetDns:
                UnsetDns();
                return;
            case PlanStep.AddFilter or PlanStep.DeleteFilters when !host.HasProgram("nft"):
                if (step is PlanStep.AddFilter)
                    say($"qanat: {name}: there is no nft, so neighbours may reach the interface's addresses; install nftables");
                return;
        }
        Say(step.Command);
        switch (step)
        {
            case PlanStep.RunHook { Line: var line }:
                RunHook(line);
                break;
            case PlanStep.AddAddress { Address: var address }:
                host.AddAddress(name, address);
                break;
            case PlanStep.BringUp { Mtu: var mtu }:
                host.BringUp(name, mtu);
                break;
            case PlanStep.AddRoute { Destination: var destination, Table: var table }:
                host.AddRoute(name, destination, table);
                break;
            case PlanStep.AddMarkRule { IsIPv6: var isIPv6, Table: var mark }:
                AddRule(new(isIPv6, host.FirstPriority(isIPv6), mark), mark);
                break;
            case PlanStep.AddMainRule { IsIPv6: var isIPv6 }:
                AddRule(new(isIPv6, host.FirstPriority(isIPv6), null), Record.Mark);
                break;
            case PlanStep.DeleteMarkRule { IsIPv6: var isIPv6 }:
                DeleteRules(rule => rule.IsIPv6 == isIPv6 && rule.Mark is not null);
                break;
            case PlanStep.DeleteMainRule { IsIPv6: var isIPv6 }:
                DeleteRules(rule => rule.IsIPv6 == isIPv6 && rule.Mark is null);
                break;
            case PlanStep.SetSourceValidMark:
                Note(Record with { SourceValidMark = true });
                host.SetSourceValidMark(true);
                break;
            case PlanStep.AddFilter filter:
                Nft(filter.Input);
                break;
            case PlanStep.DeleteFilters { Families: var families }:
                // One that never came to be is made first: then there is one to delete.
                var own = NftTable.NameOf("wg-quick", name);
                Nft(string.Concat(families.Select(v6 => $"add table {(v6 ? "ip6" : "ip")} {own}\n")) + step.Input);
                Note(Record with { Families = [.. Record.Families.Except(families)] });
                break;
            default:
                throw new ArgumentException($"{step} is not done to a host.", nameof(step));
        }
    }

    /// <summary>Undoes a step that brought the interface up, while the interface stays.</summary>
    /// <exception cref="IOException">It cannot be undone; the message says why.</exception>
    public void Undo(PlanStep step)
    {
        switch (step)
        {
            case PlanStep.AddAddress { Address: var address }:
                Say(step.Command.Replace(" add ", " del ", StringComparison.Ordinal));
                host.DeleteAddress(name, address);
                break;
            case PlanStep.AddRoute { Destination: var destination, Table: var table }:
                Say(step.Command.Replace(" add ", " del ", StringComparison.Ordinal));
                host.DeleteRoute(name, destination, table);
                break;
            case PlanStep.AddMarkRule { IsIPv6: var isIPv6, Table: var mark }:
                Say(new PlanStep.DeleteMarkRule(isIPv6, mark).Command);
                DeleteRules(rule => rule.IsIPv6 == isIPv6 && rule.Mark == mark);
                break;
            case PlanStep.AddMainRule { IsIPv6: var isIPv6 }:
                Say(new PlanStep.DeleteMainRule(isIPv6).Command);
                var oldest = Record.Rules.FirstOrDefault(rule => rule.IsIPv6 == isIPv6 && rule.Mark is null); // a newer one is to stay
                DeleteRules(rule => rule == oldest);
                break;
            case PlanStep.AddFilter { IsIPv6: var isIPv6 }:
                Do(new PlanStep.DeleteFilters(name, [isIPv6]));
                break;
            case PlanStep.SetDns { Record: var entry }:
                Do(new PlanStep.UnsetDns(entry));
                break;
        }
    }

    /// <summary>Lets nothing out but through the tunnel.</summary>
    /// <exception cref="IOException">There is no nft, or it refuses.</exception>
    public void RaiseKillSwitch(uint mark)
    {
        if (!host.HasProgram("nft"))
            throw new IOException("the kill switch needs nft, which is missing; install nftables");
        Say("nft -f /dev/fd/63");
        Note(Record with { KillSwitch = true });
        Nft(KillSwitch.Raise(name, mark));
    }

    /// <summary>Lets everything out again.</summary>
    public void LiftKillSwitch()
    {
        Say("nft -f /dev/fd/63");
        Nft(KillSwitch.Lift(name));
        Note(Record with { KillSwitch = false });
    }

    /// <summary>Puts src_valid_mark back, unless another's default route needs it now.</summary>
    public void RestoreSourceValidMark()
    {
        if (!Record.SourceValidMark)
            return;
        if (!host.HasMarkRules)
        {
            Say("sysctl -q net.ipv4.conf.all.src_valid_mark=0");
            host.SetSourceValidMark(false);
        }
        Note(Record with { SourceValidMark = false });
    }

    private void AddRule(KeptRule rule, uint mark)
    {
        var families = Record.Families.Contains(rule.IsIPv6) ? Record.Families : [.. Record.Families, rule.IsIPv6];
        Note(Record with { Rules = [.. Record.Rules, rule], Families = families, Mark = mark });
        host.AddRule(rule);
    }

    private void DeleteRules(Func<KeptRule, bool> which)
    {
        foreach (var rule in Record.Rules.Where(which).ToList())
        {
            host.DeleteRule(rule);
            Note(Record with { Rules = [.. Record.Rules.Where(other => other != rule)] });
        }
    }

    // What wg-quick runs, bash where there is one, in the folder that the user was in when the interface came. Its own variables are there
    // to be read, as in wg-quick's.
    private void RunHook(string line)
    {
        Dictionary<string, string> variables = new() { ["INTERFACE"] = name, ["CONFIG_FILE"] = Record.File ?? "" };
        string[] words = host.HasProgram("bash")
            ? ["bash", "-O", "extglob", "-e", "-o", "pipefail", "-c", line]
            : ["sh", "-e", "-c", line];
        host.Run(words, "", say, variables, Directory.Exists(Record.Folder) ? Record.Folder : "/");
    }

    private void Nft(string rules) => host.Run(["nft", "-f", "-"], rules, say);

    private void SetDns(PlanStep.SetDns dns)
    {
        switch (host.Resolver)
        {
            case ResolverKind.Resolvconf:
                Say(dns.Command);
                Note(Record with { Dns = dns.Record });
                host.Run(["resolvconf", "-a", dns.Record, "-m", "0", "-x"], dns.Input, say);
                break;
            case ResolverKind.Resolved:
                Note(Record with { Dns = dns.Record });
                Resolvectl(["dns", name, .. dns.Servers.Select(server => server.ToString())]);
                Resolvectl(["domain", name, "~.", .. dns.Search]);
                Resolvectl(["default-route", name, "yes"]);
                break;
            default:
                say($"qanat: {name}: neither resolvconf nor systemd-resolved is here, so DNS = is not heeded; install one, " +
                    "or have a PostUp do it");
                break;
        }
    }

    // systemd-resolved forgets a device with the device.
    private void UnsetDns()
    {
        if (Record.Dns is not { } entry)
            return;
        if (host.Resolver == ResolverKind.Resolvconf)
        {
            Say(new PlanStep.UnsetDns(entry).Command);
            host.Run(["resolvconf", "-d", entry, "-f"], "", say);
        }
        else if (host.HasDevice(name))
            Resolvectl(["revert", name]);
        Note(Record with { Dns = null });
    }

    private void Resolvectl(IReadOnlyList<string> words)
    {
        Say(string.Create(CultureInfo.InvariantCulture, $"resolvectl {string.Join(' ', words)}"));
        host.Run(["resolvectl", .. words], "", say);
    }
}
