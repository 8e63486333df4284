using Qanat.Cli.Client;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>Calls to the daemon whose refusals become iproute2's texts about netlink.</summary>
/// <param name="client">The daemon.</param>
internal sealed class XfrmCalls(IXfrmClient client)
{
    /// <summary>Asks for one thing: <c>RTNETLINK answers: File exists</c>, exit code 2.</summary>
    /// <exception cref="CommandFailure">It was refused.</exception>
    public T Ask<T>(Func<IXfrmClient, T> call)
    {
        try
        {
            return call(client);
        }
        catch (ApiException refused)
        {
            throw new CommandFailure(Text(refused), CommandFailure.RefusedByKernel);
        }
    }

    /// <summary>Asks for something to be done.</summary>
    /// <exception cref="CommandFailure">It was refused.</exception>
    public void Tell(Action<IXfrmClient> call) => Ask(client =>
    {
        call(client);
        return true;
    });

    /// <summary>Asks for a list; <paramref name="after"/> follows what was wrong, and the exit code is 1.</summary>
    /// <exception cref="CommandFailure">It was refused.</exception>
    public IReadOnlyList<T> List<T>(Func<IXfrmClient, IReadOnlyList<T>> call, string after)
    {
        try
        {
            return call(client);
        }
        catch (ApiException refused)
        {
            throw CommandFailure.Refusal($"{Text(refused)}\n{after}");
        }
    }

    /// <summary>Removes one of many: <paramref name="before"/> precedes what was wrong, and the exit code is 1.</summary>
    /// <exception cref="CommandFailure">It was refused.</exception>
    public void Remove(Action<IXfrmClient> call, string before)
    {
        try
        {
            call(client);
        }
        catch (ApiException refused)
        {
            throw CommandFailure.Refusal($"{before}: {refused.Message}");
        }
    }

    // The kernel's own sentence, where it has one, instead of the number's text; a hint of ours has a line of its own.
    private static string Text(ApiException refused)
    {
        if (refused is { Hint: null, Detail: { } sentence })
            return $"Error: {sentence}{(sentence.EndsWith('.') ? "" : ".")}";
        var text = $"RTNETLINK answers: {refused.Message}";
        return refused.Hint is { } hint ? $"{text}\n{hint}" : text;
    }
}
