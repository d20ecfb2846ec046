/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/**
 * @file
 * The seam between the two halves of hns3-sim.
 *
 * The *device* half (sim_dev*.c, fw_*.c, rx*.c, tx*.c) is the NIC: registers, firmware
 * commands, descriptor rings. The *host* half (the launcher, the preload library that
 * answers /dev/vfio, the IOMMU table, the wires) is everything around it. The device
 * calls the host through struct sim_host_ops and the wire functions only, so that the
 * same device can stand behind another transport.
 *
 * Locking: the host calls every sim_dev_* function with the one simulator lock held.
 * A register access of the driver that is trapped is executed in the thread that made
 * it; Rx and Tx work is done by sim_dev_poll() in the model's thread, or in the
 * caller's thread in lock-step mode.
 */

#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_MAX_PORTS  8
#define SIM_MAX_TQPS   64
#define SIM_BAR2_SIZE  0x100000u /* all TQP windows end here */
#define SIM_TQP_BASE   0x80000u  /* from here on BAR2 is plain memory in fast modes */

/** How register accesses of the driver reach the device. */
enum sim_mode {
	SIM_MODE_THREADED, /**< TQP windows are shared memory, descriptors carry the truth */
	SIM_MODE_EXACT,    /**< every register access is trapped and is an event */
	SIM_MODE_LOCKSTEP, /**< TQP windows are shared memory, the caller runs the device */
};

/** Why a frame did not get through. Names in the report: sim_drop_name(). */
enum sim_drop {
	SIM_DROP_NO_BD,       /**< receive ring had too few free BDs */
	SIM_DROP_DISABLED,    /**< MAC or ring not enabled */
	SIM_DROP_MAC_FILTER,  /**< no matching MAC address, not promiscuous */
	SIM_DROP_VLAN_FILTER, /**< VLAN not in the filter */
	SIM_DROP_OVERSIZE,    /**< longer than the configured maximum frame */
	SIM_DROP_RUNT,        /**< shorter than an Ethernet header */
	SIM_DROP_DMA,         /**< DMA refused by the IOMMU */
	SIM_DROP_BAD_TX,      /**< transmit descriptors broke a rule */
	SIM_DROP_WIRE_FULL,   /**< the wire's FIFO was full */
	SIM_DROP_NUM
};

/** Rules of the hardware that a driver can break. Names: sim_violation_name(). */
enum sim_violation {
	SIM_VIOL_ALIGN,          /**< ring or buffer address not aligned as required */
	SIM_VIOL_BD_NO_ADDR,     /**< BD without a usable address */
	SIM_VIOL_RX_CREDIT,      /**< more BDs returned than the driver held, or still valid */
	SIM_VIOL_TX_CREDIT,      /**< doorbell for BDs never written, or inside a packet */
	SIM_VIOL_TX_TOO_MANY_BD, /**< more BDs in a packet than the chip takes */
	SIM_VIOL_TX_LEN,         /**< BD of length 0, packet too short or too long */
	SIM_VIOL_TX_OFFLOAD,     /**< offload fields contradict the packet */
	SIM_VIOL_CMD_UNKNOWN,    /**< opcode unknown to the firmware */
	SIM_VIOL_CMD_PARAM,      /**< command with a bad parameter or BD count */
	SIM_VIOL_REG_RANGE,      /**< access outside the register map, or wrong width */
	SIM_VIOL_REG_VALUE,      /**< value out of range for the register */
	SIM_VIOL_ORDER,          /**< ring reprogrammed while enabled, enabled without reset, ... */
	SIM_VIOL_NUM
};

#define SIM_VIOL_TEXT 120
#define SIM_CMD_SLOTS 256

/** Counters of one port. Lives in memory shared with the launcher, which writes the
 * report even if the program under test crashed. Written by the device under the lock.
 */
struct sim_port_stats {
	uint64_t rx_frames; /**< delivered to the driver's rings */
	uint64_t rx_bytes;  /**< their bytes, as on the wire without CRC */
	uint64_t tx_frames; /**< taken from the driver's rings and put on the wire */
	uint64_t tx_bytes;
	uint64_t rxq_frames[SIM_MAX_TQPS];
	uint64_t txq_frames[SIM_MAX_TQPS];
	uint64_t drops[SIM_DROP_NUM];
	uint64_t doorbell_rx; /**< writes of RX_HEAD seen (a lower bound in threaded mode) */
	uint64_t doorbell_tx; /**< writes of TX_TAIL seen (likewise) */
	uint64_t interrupts;
	struct {
		uint16_t opcode; /**< 0: slot unused */
		uint64_t count;
		uint64_t errors; /**< answered with a retval other than 0 */
	} cmd[SIM_CMD_SLOTS];
	struct {
		uint64_t count;
		char first[SIM_VIOL_TEXT]; /**< what the first one was */
	} viol[SIM_VIOL_NUM];
	uint32_t link_up; /**< MAC enabled by the driver now */
};

/** A frame between a wire and a port, without CRC. */
struct sim_frame {
	const uint8_t *data;
	uint32_t len;
	/** Room for the device to keep what it parsed, when the same bytes come again
	 * (the generator's templates): NULL, or 64 zeroed bytes owned by the wire.
	 */
	uint64_t *memo;
};

struct sim_dev;

/** What the device asks of its host. */
struct sim_host_ops {
	/** Address of [iova, iova + len) for DMA, or NULL if any of it is not mapped with
	 * the right permission or not contiguous in the program's memory (an IOMMU fault,
	 * which the host counts). @p write: the device will write.
	 */
	void *(*dma)(void *host, uint64_t iova, uint32_t len, bool write);
	/** Copy by DMA in pieces; false (and a fault) if any piece is not mapped. */
	bool (*dma_read)(void *host, uint64_t iova, void *dst, uint32_t len);
	bool (*dma_write)(void *host, uint64_t iova, const void *src, uint32_t len);
	/** Optional (NULL: the device asks dma() for every buffer). The largest piece known to
	 * the host that contains @p iova, is mapped with the right permission and contiguous in
	 * the program's memory: its bounds in IOVA and the address of its first byte, or NULL
	 * and no fault if @p iova is not mapped. The device keeps the answer like a translation
	 * cache, until sim_dev_iotlb_flush().
	 */
	void *(*dma_span)(void *host, uint64_t iova, bool write, uint64_t *start, uint64_t *end);
	/** Optional, threaded and lock-step modes. true: from now on trap the accesses to the
	 * TQP windows (BAR2 from SIM_TQP_BASE on) as in exact mode; false: plain memory again.
	 * The device asks for it for a moment after a statistics command, so that reading a
	 * register that clears on read is an event. Called with the simulator lock held.
	 */
	void (*trap_rings)(void *host, bool on);
	/** Signal an MSI-X vector. */
	void (*irq)(void *host, unsigned int vector);
	/** Frames waiting to be received: up to @p n, in order; they stay valid until
	 * wire_rx_done(). Returns the number.
	 */
	unsigned int (*wire_rx_peek)(void *host, struct sim_frame *f, unsigned int n);
	/** The first @p n peeked frames are finished with (delivered or dropped). */
	void (*wire_rx_done)(void *host, unsigned int n);
	/** true: a frame that finds no free BD waits on the wire; false: it is dropped. */
	bool (*wire_lossless)(void *host);
	/** Send one frame; false if the wire had no room (the frame is lost, counted). */
	bool (*wire_tx)(void *host, const void *data, uint32_t len);
	/** Is there a carrier? */
	bool (*wire_link)(void *host);
	/** One line for the log file, if there is one. */
	void (*log)(void *host, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
};

/** A fault to inject into the firmware: the answers to @p opcode. */
struct sim_inject {
	uint16_t opcode;
	uint16_t retval; /**< answer with this return code ... */
	bool never;      /**< ... or do not answer at all (CSQ head does not move) */
	uint32_t first;  /**< from this occurrence on, counted from 1 */
	uint32_t times;  /**< so many times; 0: for ever */
};
#define SIM_MAX_INJECT 16

struct sim_dev_cfg {
	unsigned int port;
	uint16_t device_id; /**< 0xa221 or 0xa222 */
	uint8_t revision;   /**< 0x21 */
	unsigned int tqps;  /**< 1 ... SIM_MAX_TQPS */
	uint8_t mac[6];
	enum sim_mode mode;
	unsigned int nb_inject;
	struct sim_inject inject[SIM_MAX_INJECT];
};

/** Make a device in its state after power-on.
 * @param bar2 SIM_BAR2_SIZE bytes, the memory behind BAR2. In the threaded and lock-step
 *   modes the driver sees its part from SIM_TQP_BASE on directly; everything below, and
 *   all of it in exact mode, the driver reaches only through sim_dev_reg_read/write().
 */
struct sim_dev *sim_dev_create(const struct sim_dev_cfg *cfg, const struct sim_host_ops *ops,
		void *host, volatile uint32_t *bar2, struct sim_port_stats *stats);
void sim_dev_destroy(struct sim_dev *dev);

/** Function-level reset (VFIO_DEVICE_RESET): back to power-on state. */
void sim_dev_flr(struct sim_dev *dev);

/** Bus master and memory enable of the PCI command register. No DMA without the first. */
void sim_dev_set_bus_master(struct sim_dev *dev, bool on);

/** A trapped 32-bit register access at byte offset @p off of BAR2 (with its side effects). */
uint32_t sim_dev_reg_read(struct sim_dev *dev, uint32_t off);
void sim_dev_reg_write(struct sim_dev *dev, uint32_t off, uint32_t val);
/** An access the register file cannot have: wrong width, not aligned, out of range. */
void sim_dev_reg_bad(struct sim_dev *dev, uint32_t off, unsigned int width, bool write);

/** One turn of the Rx and Tx engines over all queues: at most @p budget frames each way.
 * Returns the number of frames moved, so that an idle model can relax.
 */
unsigned int sim_dev_poll(struct sim_dev *dev, unsigned int budget);

/** The host must call this (with the lock) whenever a mapping goes away, before the memory
 * does, if it has dma_span: no DMA reaches it afterwards.
 */
void sim_dev_iotlb_flush(struct sim_dev *dev);

/** The carrier of the wire changed, or a check may be due. */
void sim_dev_link_event(struct sim_dev *dev, bool up);

const char *sim_drop_name(enum sim_drop d);
const char *sim_violation_name(enum sim_violation v);

/** Number of MSI-X vectors of a port with @p tqps queue pairs: vector 0, one for each
 * pair, and the one that HIP08 keeps for unbound rings.
 */
static inline unsigned int
sim_nb_vectors(unsigned int tqps)
{
	return tqps + 2;
}

#endif /* SIM_H */
