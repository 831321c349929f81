package io.cacheaside.simulation.world;

/** An error of the virtual machine that meets a process at one of its calls. */
public final class InjectedError extends VirtualMachineError {
  private static final long serialVersionUID = 1L;

  InjectedError() {
    super("injected");
  }
}
