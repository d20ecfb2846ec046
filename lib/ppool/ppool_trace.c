/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The librte_ppool authors
 */

/* Names of the trace points. This header makes what ppool_trace.h says a list of fields. */

#include <rte_trace_point_register.h>

#include "ppool_trace.h"

RTE_TRACE_POINT_REGISTER(ppool_trace_create, lib.ppool.create)
RTE_TRACE_POINT_REGISTER(ppool_trace_destroy, lib.ppool.destroy)
RTE_TRACE_POINT_REGISTER(ppool_trace_free, lib.ppool.free)
RTE_TRACE_POINT_REGISTER(ppool_trace_owner_open, lib.ppool.owner.open)
RTE_TRACE_POINT_REGISTER(ppool_trace_owner_close, lib.ppool.owner.close)
RTE_TRACE_POINT_REGISTER(ppool_trace_grow, lib.ppool.grow)
RTE_TRACE_POINT_REGISTER(ppool_trace_shrink, lib.ppool.shrink)
RTE_TRACE_POINT_REGISTER(ppool_trace_page_open, lib.ppool.page.open)
RTE_TRACE_POINT_REGISTER(ppool_trace_page_retire, lib.ppool.page.retire)
RTE_TRACE_POINT_REGISTER(ppool_trace_page_home, lib.ppool.page.home)
RTE_TRACE_POINT_REGISTER(ppool_trace_alloc_fail, lib.ppool.alloc.fail)
RTE_TRACE_POINT_REGISTER(ppool_trace_put_twice, lib.ppool.put.twice)
RTE_TRACE_POINT_REGISTER(ppool_trace_put_foreign, lib.ppool.put.foreign)
RTE_TRACE_POINT_REGISTER(ppool_trace_put_misused, lib.ppool.put.misused)
RTE_TRACE_POINT_REGISTER(ppool_trace_run_alloc, lib.ppool.run.alloc)
RTE_TRACE_POINT_REGISTER(ppool_trace_put_bulk, lib.ppool.put.bulk)
