namespace Qanat.WireGuard;

/// <summary>
/// A peer's sessions: the one that is sent with, the one before, for what is still under way, and the one to come, which the
/// initiator must use first (the kernel's noise.c: add_new_keypair, wg_noise_received_with_keypair).
/// </summary>
/// <param name="sessions">Those of the device, from which those go that are not used any more.</param>
internal struct Keypairs(SessionTable sessions)
{
    /// <summary>The one that is sent with.</summary>
    public Keypair? Current { get; private set; }

    /// <summary>The one before.</summary>
    public Keypair? Previous { get; private set; }

    /// <summary>The one to come: a handshake that we answered, and whose initiator has not been heard of since.</summary>
    public Keypair? Next { get; private set; }

    /// <summary>Takes in what a handshake gave.</summary>
    /// <param name="keypair">The session.</param>
    /// <param name="yields">
    /// Whether a session that the other end began at the same time goes first: one to come stays to come, and takes over once it is
    /// heard of; one that is current stays so. One of two ends yields, so that both arrive at the same session, and only one of them
    /// asks for the next.
    /// </param>
    /// <param name="begun">When the handshake began, if we began it.</param>
    public void Add(Keypair keypair, bool yields, long begun)
    {
        if (!keypair.IsInitiator)
        {
            Drop(Next);
            Drop(Previous);
            (Next, Previous) = (keypair, null);
            return;
        }
        Drop(Previous);
        if (yields && Current is { IsInitiator: false } && Current.Created >= begun)
        {
            Previous = keypair;
            return;
        }
        if (Next is null || yields)
        {
            Previous = Current;
        }
        else
        {
            Drop(Current);
            (Previous, Next) = (Next, null);
        }
        Current = keypair;
    }

    /// <summary>Notes that <paramref name="keypair"/> was used by the other end. True when it is thereby the current one.</summary>
    public bool Confirm(Keypair keypair)
    {
        if (keypair != Next)
            return false;
        Drop(Previous);
        (Previous, Current, Next) = (Current, keypair, null);
        return true;
    }

    /// <summary>Sends with none of them any more; what is under way may still arrive.</summary>
    public readonly void Retire()
    {
        if (Current is not null)
            Current.IsRetired = true;
        if (Next is not null)
            Next.IsRetired = true;
    }

    /// <summary>Wipes all.</summary>
    public void Clear()
    {
        Drop(Previous);
        Drop(Current);
        Drop(Next);
        (Previous, Current, Next) = (null, null, null);
    }

    private readonly void Drop(Keypair? keypair)
    {
        if (keypair is null)
            return;
        sessions.Remove(keypair.LocalIndex);
        keypair.Dispose();
    }
}
