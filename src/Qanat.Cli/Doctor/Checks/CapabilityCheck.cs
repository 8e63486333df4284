using Qanat.Cli.Doctor.Facts;
using Qanat.Linux.Privileges;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Whether we have the capabilities that tunnels need, and whether they count in this network namespace.</summary>
internal sealed class CapabilityCheck : ICheck
{
    public string Name => "capabilities";

    public string Healthy => "CAP_NET_ADMIN and CAP_NET_RAW count in this network namespace";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        var rights = machine.Rights;
        if (Diagnose(rights, rights.NetAdmin, "NET_ADMIN", "no device, address or route can be made or changed") is { } admin)
            yield return admin;
        if (Diagnose(rights, rights.NetRaw, "NET_RAW", "no tunnel can send or receive outer packets") is { } raw)
            yield return raw;
    }

    private static Finding? Diagnose(RightsFacts rights, Grant grant, string capability, string why)
    {
        var name = capability.ToLowerInvariant().Replace('_', '-');
        return grant switch
        {
            Grant.Missing => Finding.Blocks($"no-{name}", $"CAP_{capability} is missing{Though(rights)}", why)
                .ToDo([.. Remedies(rights, capability)]),
            Grant.NotHere => Finding.Blocks($"{name}-elsewhere", Elsewhere(rights, capability), why)
                .ToDo("in a network namespace of this user namespace: unshare --net qanat ...",
                    "in the user namespace that made this network namespace, or as root of the machine: sudo qanat ..."),
            _ => null,
        };
    }

    private static string Though(RightsFacts rights) => rights.IsRoot ? ", though the user is root" : "";

    private static IEnumerable<string> Remedies(RightsFacts rights, string capability)
    {
        if (rights.Container is { } container)
            yield return $"start the container ({container}) with: --cap-add {capability}";
        if (rights.IsRoot)
        {
            yield return $"start it where CAP_{capability} is kept: setpriv, capsh and CapabilityBoundingSet= of systemd take it away";
            yield break;
        }
        yield return "run as root: sudo qanat ...";
        yield return "setcap cap_net_admin,cap_net_raw+ep $(command -v qanat)";
    }

    private static string Elsewhere(RightsFacts rights, string capability) => rights.InUserNamespace
        ? $"CAP_{capability} counts for nothing here: this user namespace does not own the network namespace"
        : $"CAP_{capability} is there, but the kernel refuses it: a security module, or a network namespace of others";
}
